"""The words and rules of all events: each room registers its own when Django starts.

A room describes its verbs, its kinds of subjects and its notification topics in `events.py`. The
activity room, which keeps, shows and sends events, reads them from here and knows no room above it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class MailFrequency(models.TextChoices):
    """How soon a person gets a topic by mail."""

    NEVER = "never", _("Never")
    NOW = "now", _("At once")
    HOURLY = "hourly", _("Every hour")
    DAILY = "daily", _("Once a day, at 8:00")


class Audience(StrEnum):
    """Who hears of a topic, besides the members with a given permission."""

    AUTHOR = "author"  # the row's author, or the actor of the event that made the subject
    NAMED = "named"  # the people whose numbers are in the event's fact `who` or `member`
    SUBJECT = "subject"  # the member that the event is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One choice of the log's filter, and the verbs in it.

    Routine groups are left out of the log until somebody asks for them. What a person did by hand
    in a routine group is shown all the same, and counts as part of the group `by_hand_in`.
    """

    key: str
    label: Words
    position: int
    is_routine: bool = False
    by_hand_in: str = ""
    also_verbs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What can happen, as a sentence that follows the name of its actor: "ordered a clip".

    %(name)s in the sentence is the event's fact `name`. With `kind`, the sentence is for subjects
    of that kind alone, so that one verb can mean two things.
    """

    key: str
    sentence: Words
    group: str = ""
    kind: str = ""
    makes_author: bool = False  # the actor is the author of the subject from then on
    ends_streams: bool = False  # somebody may not hear of the team any more


def verbs_in(group: Group, sentences: Mapping[str, Words], *, kind: str = "") -> list[Verb]:
    """Return verbs of one group that have nothing but a sentence."""
    return [
        Verb(key=key, sentence=sentence, group=group.key, kind=kind)
        for key, sentence in sentences.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectKind:
    """A kind of row that events are about; `model` is its label, for rows that may be linked."""

    key: str
    label: Words
    model: str = ""
    linked_by: str = ""  # events with this fact are shown on the page of the row it names
    streamed_as: str = ""  # its changes go to the live stream under this name
    author_column: str = ""  # of the model: who is notified as its author


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectPage:
    """The page that shows a subject of one kind; `takes_id` is false where one page shows all."""

    kind: str
    page: str
    takes_id: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A page that shows several subjects, under a name that topics of other rooms can use."""

    key: str
    page: str
    project_parameter: str = ""  # the query parameter that narrows the page to one project


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing that people and webhooks can be notified of.

    An event belongs to it if verb and facts are the same, and the kind where one is given. `many`
    is the text for several events in one project; without it each event is a line of its own.
    """

    key: str
    label: Words
    position: int  # in the settings; the topic with the lowest is the one a person is told
    verb: str
    kind: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    heard_by: StrEnum  # an Audience, or a permission
    not_by_author: bool = False
    one: Words
    many: Any = None
    many_on: str = ""  # the key of the ListPage for several events
    mail: MailFrequency = MailFrequency.NEVER
    for_webhooks: Words = ""  # the label in a webhook's form; without it no webhook can have it

    def matches(self, verb: str, kind: str, facts: Mapping[str, Any]) -> bool:
        """Whether an event belongs to this topic."""
        same = all(facts.get(name) == value for name, value in self.facts.items())
        return same and verb == self.verb and self.kind in {kind, ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEvents:
    """What one room says of its events.

    `values` are the words for values of facts. `short_forms` are a few words for each verb that
    the history of one thing shows: "Deleted at the vendor".
    """

    groups: Sequence[Group] = ()
    verbs: Sequence[Verb] = ()
    kinds: Sequence[SubjectKind] = ()
    pages: Sequence[SubjectPage] = ()
    lists: Sequence[ListPage] = ()
    topics: Sequence[Topic] = ()
    values: Mapping[str, Words] = field(default_factory=dict)
    short_forms: Mapping[str, Words] = field(default_factory=dict)


class DuplicateError(ValueError):
    """Two rooms registered different things under one name."""


class Registry:
    """Everything that rooms have registered, in whatever order they started."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._topics: dict[str, Topic] = {}
        self.verbs: dict[tuple[str, str], Verb] = {}
        self.kinds: dict[str, SubjectKind] = {}
        self.pages: dict[str, SubjectPage] = {}
        self.lists: dict[str, ListPage] = {}
        self.values: dict[str, Words] = {}
        self.short_forms: dict[str, Words] = {}

    def register(self, room: RoomEvents) -> None:
        """Add what one room says of its events."""
        _add(self._groups, room.groups, lambda one: one.key)
        _add(self._topics, room.topics, lambda one: one.key)
        _add(self.verbs, room.verbs, lambda one: (one.key, one.kind))
        _add(self.kinds, room.kinds, lambda one: one.key)
        _add(self.pages, room.pages, lambda one: one.kind)
        _add(self.lists, room.lists, lambda one: one.key)
        _add(self.values, room.values.items(), lambda one: one[0], lambda one: one[1])
        _add(self.short_forms, room.short_forms.items(), lambda one: one[0], lambda one: one[1])

    @property
    def groups(self) -> dict[str, Group]:
        """The groups by key, in the order of the log's filter."""
        return {one.key: one for one in sorted(self._groups.values(), key=_position)}

    @property
    def topics(self) -> dict[str, Topic]:
        """The topics by key, in the order of the settings."""
        return {one.key: one for one in sorted(self._topics.values(), key=_position)}

    def verb(self, key: str, kind: str) -> Verb | None:
        """Return the verb as it is meant for subjects of a kind, None if nobody registered it."""
        return self.verbs.get((key, kind)) or self.verbs.get((key, ""))

    def verbs_of(self, group: Group) -> list[Verb]:
        """Return the verbs in a group."""
        return [
            one
            for one in self.verbs.values()
            if one.group == group.key or one.key in group.also_verbs
        ]

    def kinds_apart(self, verb: str) -> list[str]:
        """Return the kinds of subjects for which a verb has a sentence of its own."""
        return [kind for key, kind in self.verbs if key == verb and kind]


def _position(one: Group | Topic) -> tuple[int, str]:
    return one.position, one.key


def _add(
    known: dict[Any, Any],
    rows: Iterable[Any],
    key: Callable[[Any], Any],
    value: Callable[[Any], Any] = lambda one: one,
) -> None:
    for one in rows:
        if known.setdefault(key(one), value(one)) != value(one):
            raise DuplicateError(f"{key(one)!r} is registered already, with another meaning.")


registry = Registry()


def page_of(kind: str, public_id: UUID | str) -> str:
    """Return the path of the page about a subject, "" where no room shows its kind."""
    page = registry.pages.get(kind)
    if page is None:
        return ""
    return reverse(page.page, args=[public_id] if page.takes_id else [])


def model_of(kind: SubjectKind) -> Any:
    """Return the model of a kind of subject."""
    return apps.get_model(kind.model)
