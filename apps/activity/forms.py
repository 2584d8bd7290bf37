"""Forms for notification settings and webhooks."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from apps.activity.models import Webhook
from apps.activity.notification_topics import all_topics, webhook_topics
from apps.activity.states import Style
from apps.core.event_registry import MailFrequency, Words


class PreferencesForm(forms.Form):
    """For each topic: whether it is shown in the app, and how soon it is mailed."""

    def __init__(self, choices: dict[str, tuple[bool, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic in all_topics().values():
            in_app, frequency = choices.get(topic.key, (True, str(topic.mail)))
            self.fields[f"{topic.key}_app"] = forms.BooleanField(
                label=_("In the app: %s") % topic.label, required=False, initial=in_app
            )
            self.fields[f"{topic.key}_mail"] = forms.ChoiceField(
                label=_("By email: %s") % topic.label,
                choices=MailFrequency.choices,
                initial=frequency,
            )

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return the label and the two fields of each topic."""
        return [
            (topic.label, self[f"{key}_app"], self[f"{key}_mail"])
            for key, topic in all_topics().items()
        ]

    def choices(self) -> dict[str, tuple[bool, str]]:
        """Return what was chosen for each topic."""
        given = self.cleaned_data
        return {key: (given[f"{key}_app"], given[f"{key}_mail"]) for key in all_topics()}


def _topic_choices() -> list[tuple[str, Words]]:
    return [(topic.key, topic.for_webhooks) for topic in webhook_topics()]


class WebhookForm(forms.Form):
    """A webhook: its name, URL and events. One that exists keeps its URL if none is given."""

    name = forms.CharField(label=_("Name"), max_length=80)
    style = forms.ChoiceField(label=_("Kind"), choices=Style.choices, initial=Style.SLACK)
    url = forms.CharField(
        label=_("URL"),
        max_length=1000,
        help_text=_("Begins with https://. Stored encrypted; only its host is shown later."),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    topics = forms.MultipleChoiceField(
        label=_("Events"),
        choices=_topic_choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )
    is_on = forms.BooleanField(label=_("On"), required=False, initial=True)

    def __init__(self, webhook: Webhook | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if webhook is None:
            del self.fields["is_on"]
            return
        del self.fields["style"]
        self.fields["url"].required = False
        words = _("Sends to %s. Leave empty to keep the URL.")
        self.fields["url"].help_text = words % escape(webhook.host)  # templates take hints as HTML
        self.initial = {"name": webhook.name, "topics": webhook.topics, "is_on": webhook.is_on}

    def clean_url(self) -> str:
        """Accept only full https:// URLs without a password."""
        url = str(self.cleaned_data["url"]).strip()
        if not url:
            return ""
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            host = None
        if not host or parts.scheme != "https" or not url.isprintable() or " " in url:
            raise ValidationError(_("Enter a full URL that begins with https://."))
        if parts.username or parts.password:
            raise ValidationError(_("URLs with a user name or password aren't allowed."))
        return url
