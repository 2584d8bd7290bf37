"""Forms about a person's own settings, their team and its people."""

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
    """A person's name, time zone and shortcuts."""

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
                "Keys such as J, K, L and A act at once, except while you type in a field."
            )
        }


class TokenForm(forms.Form):
    """A new token: its name, scopes and lifetime."""

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
        """Return the chosen permissions."""
        return [Permission(name) for name in self.cleaned_data["scopes"]]


class TeamForm(forms.ModelForm):
    """A team's name."""

    class Meta:
        model = Team
        fields = ["name"]

    def clean_name(self) -> str:
        """Put the name on one line."""
        return " ".join(self.cleaned_data["name"].split())


class NewTeamForm(TeamForm):
    """A new team; its idempotency key tells a form sent twice from two forms."""

    idempotency_key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)


class RoleForm(forms.Form):
    """A role, out of those that the person may give."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: Iterable[Role], **options: Any) -> None:
        super().__init__(*args, **options)
        choice = self.fields["role"]
        choice.choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]  # a ChoiceField


class InviteForm(RoleForm):
    """A new invitation: role, email, uses and expiry."""

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
        # The lowest role first, so that nobody becomes an owner by mistake.
        super().__init__(*args, roles=reversed(Role(inviter.role).grantable_roles), **options)
        self.inviter = inviter

    def clean(self) -> dict[str, Any]:
        """Refuse members of the team, and several uses for one email."""
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
        """The invitation to create."""
        given = self.cleaned_data
        return InvitationRequest(
            Role(given["role"]), given["email"], given["max_uses"], given["days"]
        )


class MemberChoiceForm(forms.Form):
    """A choice among members, by their public id."""

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
    """How long events and the trash are kept."""

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
    """The switch for keeping original files."""

    class Meta:
        model = Team
        fields = ["keeps_originals"]
