"""What a person fills in about themselves and their team."""

import uuid
import zoneinfo
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Member, Team, User
from apps.teams.models.invitations import MAX_USES
from apps.teams.models.teams import EVENT_DAYS
from apps.teams.roles import PERMISSION_NAMES, Permission, Role
from apps.teams.services import InvitationRequest, grantable_permissions


class ProfileForm(forms.ModelForm):
    """Name, time zone, and whether single keys are shortcuts."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [
            ("", _("Same as browser")),
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
        label=_("Name"),
        max_length=80,
        help_text=_("For example the name of the script."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "A token can always read what you can see in this team. Choose what else it can do."
        ),
    )
    days = forms.TypedChoiceField(
        label=_("Expires in"),
        coerce=int,
        initial=90,
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("1 year"))],
    )

    def __init__(self, *args: Any, member: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = [
            (permission.value, PERMISSION_NAMES[permission])
            for permission in grantable_permissions(member)
        ]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]

    def clean_scopes(self) -> list[Permission]:
        """Return permissions."""
        return [Permission(name) for name in self.cleaned_data["scopes"]]


class TeamForm(forms.ModelForm):
    """What a team is called."""

    class Meta:
        model = Team
        fields = ["name"]

    def clean_name(self) -> str:
        """Keep a name to one line."""
        return " ".join(self.cleaned_data["name"].split())


class NewTeamForm(TeamForm):
    """A new team; its idempotency_key tells a form sent twice from two forms."""

    idempotency_key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)


class RoleForm(forms.Form):
    """One of the roles that somebody may give."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: Iterable[Role], **options: Any) -> None:
        super().__init__(*args, **options)
        choice = self.fields["role"]
        choice.choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]  # a ChoiceField


class InviteForm(RoleForm):
    """Who is asked in, as what, and for how long."""

    email = forms.EmailField(
        label=_("Email"),
        required=False,
        help_text=_("Only this email can accept. Leave it empty for a link to share."),
    )
    max_uses = forms.IntegerField(label=_("Uses"), initial=1, min_value=1, max_value=MAX_USES)
    days = forms.TypedChoiceField(
        label=_("Expires in"),
        coerce=int,
        initial=7,
        choices=[(1, _("1 day")), (3, _("3 days")), (7, _("7 days")), (30, _("30 days"))],
    )
    idempotency_key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    field_order = ["role", "email", "max_uses", "days"]

    def __init__(self, *args: Any, inviter: Member, **options: Any) -> None:
        # The least that can be given first: nobody becomes an owner by an oversight.
        super().__init__(*args, roles=reversed(Role(inviter.role).and_below), **options)
        self.inviter = inviter

    def clean(self) -> dict[str, Any]:
        """Tell whoever is asked in already, and that an address is one person's."""
        given: dict[str, Any] = super().clean() or {}
        email = given.get("email", "")
        if email and self.inviter.team.members.filter(user__email__iexact=email).exists():
            self.add_error("email", _("Someone with this email is already in the team."))
        if email and given.get("max_uses", 1) > 1:
            self.add_error(
                "max_uses", _("An email belongs to one person. Leave it empty for several people.")
            )
        return given

    @property
    def invitation_request(self) -> InvitationRequest:
        """What was asked for."""
        given = self.cleaned_data
        return InvitationRequest(
            Role(given["role"]), given["email"], given["max_uses"], given["days"]
        )


class MemberChoiceForm(forms.Form):
    """One of some members, chosen by their number in public."""

    who = forms.TypedChoiceField()

    def __init__(self, *args: Any, members: Iterable[Member], label: str, **options: Any) -> None:
        super().__init__(*args, **options)
        known = {str(one.public_id): one for one in members}
        choice = self.fields["who"]
        choice.label, choice.coerce = label, known.get  # type: ignore[attr-defined]  # a TypedChoiceField
        choice.choices = [  # type: ignore[attr-defined]
            (key, f"{one.user} ({one.get_role_display()})") for key, one in known.items()
        ]


class RetentionForm(forms.ModelForm):
    """For how long events and the trash are kept."""

    class Meta:
        model = Team
        fields = ["event_days", "trash_days"]
        help_texts = {
            "event_days": _("Older entries are deleted. Money and decisions stay."),
            "trash_days": _(
                "Older clips in the trash are deleted with their files. "
                "Their cost, recipe and decisions stay."
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["event_days"]
        field.choices = [("", _("forever")), *EVENT_DAYS]  # type: ignore[attr-defined]  # a TypedChoiceField


class OriginalFilesForm(forms.ModelForm):
    """Whether files are kept as they were uploaded."""

    class Meta:
        model = Team
        fields = ["keeps_originals"]
