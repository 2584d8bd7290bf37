"""What a person fills in about themselves."""

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Member, User
from apps.teams.roles import DEED_NAMES, Deed
from apps.teams.services import deeds_to_give


class ProfileForm(forms.ModelForm):
    """Name, time zone, and whether single keys are shortcuts."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [
            ("", _("As this browser says")),
            *((z, z) for z in sorted(zoneinfo.available_timezones())),
        ],
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "single_keys"]
        help_texts = {
            "single_keys": _(
                "Letters such as J, K, L or A act at once. Typing in a field is never a shortcut."
            )
        }


class TokenForm(forms.Form):
    """What a machine's token is called, what it may do, and how long it lasts."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What uses it, so that you know what to revoke.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It may always look at what you can see in this team; here is what else."),
    )
    days = forms.TypedChoiceField(
        label=_("Lasts"),
        coerce=int,
        initial=90,
        choices=[(7, _("a week")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
    )

    def __init__(self, *args: Any, member: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["scopes"].choices = [(deed.value, DEED_NAMES[deed]) for deed in deeds_to_give(member)]  # type: ignore[attr-defined]

    def clean_scopes(self) -> list[Deed]:
        """Return deeds."""
        return [Deed(name) for name in self.cleaned_data["scopes"]]
