"""Notices as people read them: what belongs together is one line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.models import Event, Notice
from apps.activity.subjects import address_of, project_names
from apps.activity.topics import BY_KEY, Topic

Names = dict[int, tuple[str, UUID]]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing somebody is told: words, the page about it, when, and the notices it stands for."""

    topic: Topic
    words: str
    path: str
    when: datetime
    day: date
    numbers: Sequence[int]
    is_unread: bool


def lines_of(notices: Iterable[Notice]) -> list[Line]:
    """Return notices as lines, in the order they came in; several of a kind in one project and day are one."""
    notices = [notice for notice in notices if notice.topic in BY_KEY]
    names = project_names(notice.event.project_id for notice in notices)
    together: dict[tuple[Any, ...], list[Notice]] = {}
    for notice in notices:
        together.setdefault(_together(notice), []).append(notice)
    return [_line(some, names) for some in together.values()]


def _day(notice: Notice) -> date:
    return timezone.localtime(notice.created_at).date()


def _together(notice: Notice) -> tuple[Any, ...]:
    if not BY_KEY[notice.topic].many:
        return (notice.pk,)
    return notice.topic, notice.event.project_id, _day(notice), notice.read_at is None


def _line(notices: Sequence[Notice], names: Names) -> Line:
    newest = notices[0]
    topic = BY_KEY[newest.topic]
    return Line(
        topic=topic,
        words=words_of(topic, newest.event, names, count=len(notices)),
        path=_path(topic, newest.event, names, count=len(notices)),
        when=newest.created_at,
        day=_day(newest),
        numbers=[notice.pk for notice in notices],
        is_unread=newest.read_at is None,
    )


def words_of(topic: Topic, event: Event, names: Names, *, count: int = 1) -> str:
    """Return the words for some events of one topic, of which this is one."""
    known = {
        "team": event.team,
        "actor": event.actor or (_("A former member") if event.of_person else _("Somebody")),
        "project": names.get(event.project_id or 0, (_("the team"), None))[0],
        "name": "…",
        "whose": "…",
        "percent": "…",
        "left": "…",
    }
    said = known | {
        name: value
        for name, value in event.facts.items()
        if name in {"name", "whose", "percent", "left"}
    }
    if count > 1 and topic.many:
        return str(topic.many % (said | {"count": count}))
    return str(topic.one) % said


def _path(topic: Topic, event: Event, names: Names, *, count: int) -> str:
    if count > 1 and topic.many_at:
        page = reverse(topic.many_at)
        project = names.get(event.project_id or 0)
        return (
            f"{page}?project={project[1]}" if project and topic.many_at == "gallery:grid" else page
        )
    return path_of(event)


def path_of(event: Event) -> str:
    """Return the page about one event: the clip that was decided on, else its subject."""
    if clip := event.facts.get("clip"):
        return address_of("clip", clip)
    return address_of(event.subject_kind, event.subject_id) or "/"
