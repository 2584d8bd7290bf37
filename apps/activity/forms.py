"""What a person fills in about being told, and an owner about hooks."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from apps.activity.models import Hook
from apps.activity.states import Pace, Style
from apps.activity.topics import FOR_HOOKS, TOPICS


class PreferencesForm(forms.Form):
    """For each topic: whether it is told in the app, and how soon by mail."""

    def __init__(self, wishes: dict[str, tuple[bool, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic in TOPICS:
            in_app, pace = wishes.get(topic.key, (True, str(topic.mail)))
            self.fields[f"{topic.key}_app"] = forms.BooleanField(
                label=_("In the app: %s") % topic.label, required=False, initial=in_app
            )
            self.fields[f"{topic.key}_mail"] = forms.ChoiceField(
                label=_("By mail: %s") % topic.label, choices=Pace.choices, initial=pace
            )

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return for each topic its words and its two fields."""
        return [(one.label, self[f"{one.key}_app"], self[f"{one.key}_mail"]) for one in TOPICS]

    def wishes(self) -> dict[str, tuple[bool, str]]:
        """Return what was chosen, by topic."""
        given = self.cleaned_data
        return {one.key: (given[f"{one.key}_app"], given[f"{one.key}_mail"]) for one in TOPICS}


class HookForm(forms.Form):
    """A hook: what it is called, where it calls, and of what. A hook that is there may keep its address."""

    name = forms.CharField(label=_("Name"), max_length=80)
    style = forms.ChoiceField(label=_("Kind"), choices=Style.choices, initial=Style.SLACK)
    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        help_text=_("Begins with https://. It is kept sealed; only its host is shown later."),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    topics = forms.MultipleChoiceField(
        label=_("Calls out when"),
        choices=[(topic.key, topic.for_hooks) for topic in FOR_HOOKS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one kind of event.")},
    )
    is_on = forms.BooleanField(label=_("On"), required=False, initial=True)

    def __init__(self, hook: Hook | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if hook is None:
            del self.fields["is_on"]
            return
        del self.fields["style"]
        self.fields["url"].required = False
        words = _("Calls %s. Leave it empty to keep the address.")
        self.fields["url"].help_text = words % escape(hook.host)  # templates take hints as HTML
        self.initial = {"name": hook.name, "topics": hook.topics, "is_on": hook.is_on}

    def clean_url(self) -> str:
        """Take only addresses that are encrypted, whole, and without a password."""
        url = str(self.cleaned_data["url"]).strip()
        if not url:
            return ""
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            host = None
        if not host or parts.scheme != "https" or not url.isprintable() or " " in url:
            raise ValidationError(_("Give a whole address that begins with https://."))
        if parts.username or parts.password:
            raise ValidationError(
                _("An address with a user name or a password in it is not called.")
            )
        return url
