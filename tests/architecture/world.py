"""Two teams with one of everything, and what everybody may get: for the tests of access.

Nothing here names a page: addresses come from the resolver, tables from the models, and what cannot
be found out that way stands in access.toml.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import IntegrityError, models, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import get_resolver, reverse

from apps.activity.models import Event, Notice, Preference
from apps.activity.workers.mailing import SALT
from apps.budgets.models import Price
from apps.clips.services import move_to_trash
from apps.clips.states import Verdict
from apps.core.event_registry import MailFrequency
from apps.core.events import record
from apps.jobs.models import Chain, VendorRequest
from apps.jobs.states import RequestKind
from apps.projects.picture_links import PictureLink
from apps.reviews.models import Decision
from apps.teams.models import Invitation, Member, Team, User
from apps.teams.models.invitations import hash_of
from apps.teams.roles import Role
from apps.teams.scoping import TeamOwned, everywhere, within
from apps.teams.services import new_first_owner_token
from tests.support.factories import (
    Belongings,
    a_clip,
    a_guest,
    a_member,
    a_private_project,
    a_team,
    belongings_of,
    client_of,
)

TABLE = tomllib.loads(Path(__file__).with_name("access.toml").read_text())
WHO, PAGES = TABLE["who"], TABLE["pages"]
KNOCKS = [(name, method) for name, methods in PAGES.items() for method in methods]
# What is sent with a POST.
PRESSED, FORM = "pressed=yes", "application/x-www-form-urlencoded"
# Pages of libraries; accounts/ has a table of its own (test_access_accounts.py).
NOT_OURS = {"admin/", "accounts/"}
# Stand in every text of a team's rows, so that whoever reads one where it does not belong is
# caught.
OUR_MARK, THEIR_MARK = "only-tidewater-knows", "only-somebody-else-knows"
# An amount that no price and no sum comes to by itself.
THEIR_MONEY = "7341.17"
MODELS = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
OWNED = [model for model in MODELS if issubclass(model, TeamOwned)]


def addresses(resolver=None, prefix=""):
    """Yield the name of every address of ours."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if not hasattr(pattern, "url_patterns"):
            yield f"{prefix}{pattern.name}"
        elif str(pattern.pattern) not in NOT_OURS:
            yield from addresses(
                pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            )


def token_of(invitation: Invitation) -> str:
    """The secret of an invitation's link; only its hash is kept, so it gets a new one."""
    told = f"told-to-somebody-{invitation.pk}"
    models.QuerySet(Invitation).filter(pk=invitation.pk).update(token_hash=hash_of(told))
    return told


def way_to(name: str, theirs: Belongings) -> str:
    """The address of a page about this team's belongings."""
    about = {
        "project": [theirs.project.public_id],
        "image": [theirs.image.public_id, "picture"],
        "original": [theirs.image.public_id],
        "ticket": [PictureLink.sign(theirs.image)],
        "prompt": [theirs.prompt.public_id],
        "account": [theirs.account.pk],
        "job": [theirs.job.public_id],
        "clip": [theirs.clip.public_id],
        "budget": [theirs.budget.public_id],
        "refund": [theirs.refund.pk],
        "token": [theirs.token.public_id],
        "webhook": [theirs.delivery.webhook.public_id],
        "delivery": [theirs.delivery.public_id],
        "leave": [signing.dumps([0, theirs.project.team_id, ""], salt=SALT)],
        "mark": ["wavespeed", "nobody-was-given-this"],
        "session": [1],
        "welcome": [new_first_owner_token()],
        "team": [theirs.project.team.public_id],
        "member": [theirs.member.public_id],
        "invitation": [theirs.invitation.public_id],
        "link": [token_of(theirs.invitation)],
        "film": [theirs.clip.public_id, "video"],
    }
    return reverse(name, args=about[TABLE["about"][name]] if name in TABLE["about"] else [])


def expected_status(name: str, method: str, who: str) -> int:
    """What the table says."""
    return PAGES[name][method][WHO.index(who)]


def addresses_posted_to() -> list[str]:
    """The addresses that take a POST from somebody."""
    return [name for name, methods in PAGES.items() if set(methods["POST"]) != {405}]


def signed_addresses() -> set[str]:
    """The addresses that other machines post to with a signature: no form of ours leads there."""
    return {name for name, what in TABLE["about"].items() if what in {"mark", "leave"}}


def pages_read_by(who: str = "owner") -> list[str]:
    """The pages that this person can read."""
    return [name for name, methods in PAGES.items() if methods["GET"][WHO.index(who)] == 200]


@contextmanager
def put_back() -> Iterator[None]:
    """Take back what a line of a table has changed: rows, and how often somebody tried."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Side:
    """A team, a person for each role, and its belongings."""

    team: Team
    people: dict[str, Member]
    belongings: Belongings
    browsers: dict[str, Client]


@dataclass(frozen=True, eq=False)
class World:
    """Our team and somebody else's."""

    ours: Side
    theirs: Side

    def browser(self, who: str) -> Client:
        """A fresh copy of this person's browser: no test sees the cookies of another."""
        browser = Client()
        original = {"outsider": self.theirs.browsers["owner"], **self.ours.browsers}.get(who)
        if original:
            browser.cookies = deepcopy(original.cookies)
        return browser

    def everybody(self) -> dict[str, Client]:
        """A browser for each column of the table."""
        return {who: self.browser(who) for who in WHO}

    def way(self, name: str, *, of_others: bool = False) -> str:
        """The address of a page about our belongings, or about theirs."""
        return way_to(name, (self.theirs if of_others else self.ours).belongings)


def build_world() -> World:
    """Make both teams, and put its mark into every text of each."""
    world = World(_side("Studio Tidewater"), _side("Somebody else's"))
    for side, mark in ((world.ours, OUR_MARK), (world.theirs, THEIR_MARK)):
        mark_texts(side.team, mark)
    return world


def _side(name: str) -> Side:
    team = a_team(name=name)
    people = {role.value: a_member(team, role) for role in Role}
    belongings = furnish(team, people["owner"])
    browsers = {who: client_of(person) for who, person in people.items()}
    return Side(team, people, belongings, browsers | {"guest": a_guest(team)})


def furnish(team: Team, owner: Member) -> Belongings:
    """Give a team one of everything, also of what no other test needs everywhere."""
    theirs, maker = belongings_of(team), owner.user
    with within(team):
        record(
            "settings.changed",
            theirs.project,
            actor=maker,
            before="words of before",
            after="words of now",
        )
        Price.objects.create(
            team=team, vendor="wavespeed", model="m", variant="480p", usd="0.15",
            source="A contract",
            valid_from="2020-01-01T00:00:00Z", created_by=maker,
        )  # fmt: skip
        Chain.objects.create(team=team, project=theirs.project, created_by=maker)
        VendorRequest.objects.ask(theirs.job, RequestKind.STOP)
        Decision.objects.create(
            team=team, clip=theirs.clip, verdict=Verdict.CHANGES, note="Slower.", created_by=maker
        )
        move_to_trash(owner, a_clip(team, theirs.job, take=2))
        record("judged", theirs.clip, actor=maker, verdict=Verdict.APPROVED)
        told = {"team": team, "user": maker, "topic": "approved"}
        Notice.objects.create(event=Event.objects.latest("pk"), **told)
        Preference.objects.create(mail=MailFrequency.NOW, **told)
    a_private_project(team, owner)
    return theirs


def rows_of(model: type[models.Model], team: Team) -> models.QuerySet:
    """This team's rows of a model, whether they name their team or a person of it."""
    rows = model._base_manager.all()
    if model is Team:
        return rows.filter(pk=team.pk)
    if model is User:
        return rows.filter(memberships__team=team)
    names = {
        field.name: field.related_model
        for field in model._meta.concrete_fields
        if field.is_relation
    }
    if names.get("team") is Team:
        return rows.filter(team=team)
    person = next((name for name, model_ in names.items() if model_ is User), None)
    return rows.filter(**{f"{person}__memberships__team": team}) if person else rows.none()


def words_in(model: type[models.Model]) -> list[models.Field]:
    """The columns of a model that hold words of people, not codes of machines."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.URLField)
        and not field.choices
        and f"{model._meta.model_name}.{field.name}" not in TABLE["codes"]
        and field.name not in TABLE["codes"]
    ]


def mark_texts(team: Team, mark: str) -> None:
    """Put the mark into every text of a team's rows, and into their JSON where that is free."""
    with everywhere():
        for model in MODELS:
            for row in rows_of(model, team):
                _mark(model, row, mark)


def _mark(model: type[models.Model], row: models.Model, mark: str) -> None:
    for field in words_in(model):
        mail = isinstance(field, models.EmailField)
        text = f"{mark}-{row.pk}@mjweb.example" if mail else f"{mark} {getattr(row, field.name)}"
        _write(model, row, field, text[: field.max_length or None])
    for field in model._meta.concrete_fields:
        facts = getattr(row, field.attname)
        if (
            isinstance(field, models.JSONField)
            and isinstance(facts, dict)
            and field.name not in TABLE["codes"]
        ):
            _write(model, row, field, facts | {"words": mark})


def _write(
    model: type[models.Model], row: models.Model, field: models.Field, value: object
) -> None:
    try:
        with transaction.atomic():
            models.QuerySet(model).filter(pk=row.pk).update(**{field.name: value})
    except IntegrityError as fault:
        column = f"{model._meta.model_name}.{field.name}"
        raise AssertionError(
            f"{column} holds no free words? Then name it in `codes` of access.toml"
        ) from fault
    setattr(row, field.name, value)


def snapshot(
    team: Team | None = None, *, columns=None
) -> dict[tuple[str, object], dict[str, object]]:
    """Every row of our models (of this team) by table and number, as it is now."""
    with everywhere():
        return {
            (model._meta.label, row["pk"]): row
            for model in MODELS
            for row in (rows_of(model, team) if team else model._base_manager.all()).values(
                "pk", *_columns(model, columns)
            )
        }


def _columns(model: type[models.Model], wanted) -> list[str]:
    names = [field.attname for field in model._meta.concrete_fields]
    return [
        name
        for name in names
        if wanted is None or name in wanted or name.removesuffix("_id") in wanted
    ]


def text_of(response) -> str:
    """Headers and text of an answer; of the live stream, which has no end, the headers."""
    if response.get("Content-Type", "").startswith("text/event-stream"):
        return f"{response.headers}\n"
    said = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers}\n{said.decode('utf-8', 'replace')}"


def to_the_door(response) -> bool:
    """Whether an answer leads to the sign-in."""
    return response.headers.get("Location", "").startswith(reverse(settings.LOGIN_URL))


def form_data(pairs) -> str:
    """A form's body as browsers send it; pairs may repeat a name."""
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    return data.urlencode()
