"""What a person fills in about themselves."""

import zoneinfo

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Team, User


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


class OriginalsForm(forms.ModelForm):
    """Whether files are kept as they were uploaded."""

    class Meta:
        model = Team
        fields = ["keeps_originals"]
