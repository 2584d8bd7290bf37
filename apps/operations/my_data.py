"""Everything that is stored about one person, for their own export."""

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import models
from django.utils import timezone

from apps.activity.models import Event, Notice, Preference, Webhook
from apps.budgets.models import Budget, LedgerEntry, Price
from apps.clips.models import Clip
from apps.jobs.models import Chain, Job
from apps.projects.models import Image, Project, ProjectMember
from apps.projects.queries import as_seen_by
from apps.prompts.models import Prompt, Version
from apps.reviews.models import Decision
from apps.teams.models import Invitation, Member, Token, User
from apps.teams.scoping import everywhere

PERSON = ("email", "name", "time_zone", "single_keys", "date_joined", "last_login")


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind about a person: the column that names them, and the columns to export."""

    model: type[models.Model]
    person_column: str
    columns: tuple[str, ...]
    team_column: str = "team"

    def rows(self, user: User) -> list[dict[str, Any]]:
        """Return the exported columns of this person's rows in all teams."""
        return self._exported_columns(
            self.model._default_manager.filter(**{self.person_column: user})
        )

    def rows_in(self, member: Member) -> list[dict[str, Any]]:
        """Return the exported columns of this member's rows that they may see in their team."""
        return self._exported_columns(
            self.model._default_manager.filter(
                **{self.person_column: member.user, self.team_column: member.team}
            )
        )

    def _exported_columns(self, rows: models.QuerySet[Any]) -> list[dict[str, Any]]:
        return list(rows.order_by("pk").values(*self.columns))


SECTIONS = {
    "addresses": Section(EmailAddress, "user", ("email", "verified", "primary"), team_column=""),
    "teams": Section(Member, "user", ("team__name", "role", "created_at"), team_column=""),
    "tokens": Section(
        Token,
        "member__user",
        ("name", "scopes", "expires_at", "used_at", "used_from", "revoked_at", "created_at"),
        team_column="",
    ),
    "projects": Section(Project, "created_by", ("public_id", "name", "brief", "created_at")),
    "images": Section(Image, "created_by", ("public_id", "title", "sha256", "created_at")),
    "prompts": Section(Prompt, "created_by", ("public_id", "title")),
    "prompt_versions": Section(
        Version, "created_by", ("prompt__title", "number", "text", "created_at")
    ),
    "jobs": Section(
        Job,
        "created_by",
        ("public_id", "state", "prompt_text", "vendor", "model", "price", "created_at"),
    ),
    "chains": Section(Chain, "created_by", ("public_id", "created_at")),
    "clips": Section(
        Clip, "author", ("public_id", "prompt_text", "vendor", "model", "ordered_at", "saved_at")
    ),
    "trashed": Section(Clip, "trashed_by", ("public_id", "trashed_at", "gone_at")),
    "decisions": Section(
        Decision, "created_by", ("clip__public_id", "verdict", "note", "created_at")
    ),
    "prices": Section(Price, "created_by", ("vendor", "model", "variant", "usd", "valid_from")),
    "budgets": Section(Budget, "created_by", ("public_id", "period", "limit_usd", "created_at")),
    "budgets_for_you": Section(
        Budget, "person", ("public_id", "period", "limit_usd", "created_at")
    ),
    "money": Section(
        LedgerEntry, "person", ("order", "kind", "usd", "vendor", "model", "created_at")
    ),
    "invitations": Section(Invitation, "created_by", ("role", "email", "created_at", "expires_at")),
    "invitations_accepted": Section(
        Invitation, "joined", ("team__name", "role", "created_at"), team_column=""
    ),
    "places": Section(ProjectMember, "created_by", ("project__name", "created_at")),
    "hooks": Section(Webhook, "created_by", ("name", "host", "topics", "created_at")),
    "notices": Section(Notice, "user", ("topic", "read_at", "mailed_at", "created_at")),
    "notifications": Section(Preference, "user", ("team__name", "topic", "in_app", "mail")),
    "second_factors": Section(
        Authenticator, "user", ("type", "created_at", "last_used_at"), team_column=""
    ),
    "single_sign_on": Section(
        SocialAccount, "user", ("provider", "uid", "date_joined"), team_column=""
    ),
    "sessions": Section(
        UserSession, "user", ("ip", "user_agent", "created_at", "last_seen_at"), team_column=""
    ),
    "events": Section(
        Event,
        "actor",
        ("verb", "subject_kind", "subject_id", "facts", "origin", "created_at"),
        team_column="",
    ),
}


def my_data(user: User) -> dict[str, Any]:
    """Return everything about `user`, ready for JSON; no password, key or other secret is in it."""
    with everywhere():
        data: dict[str, Any] = {
            name: [] if section.team_column else section.rows(user)
            for name, section in SECTIONS.items()
        }
    # Of a team's work only what the person sees now: a project may have become private.
    for member in user.memberships.select_related("team", "user").order_by("pk"):
        if not member.team.is_suspended:
            _add_work_of(member, data)
    person = {column: getattr(user, column) for column in PERSON}
    return {"made_at": timezone.now(), "person": person} | data


def _add_work_of(member: Member, data: dict[str, Any]) -> None:
    with as_seen_by(member):
        for name, section in SECTIONS.items():
            if section.team_column:
                data[name] += section.rows_in(member)
