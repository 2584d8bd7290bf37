"""Notices as people read them: those that belong together are one line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.models import Event, Notice
from apps.activity.notification_topics import all_topics
from apps.activity.sentences import Facts
from apps.activity.subject_links import list_path, path_of
from apps.activity.visibility import ProjectNames, project_names
from apps.core.event_registry import Topic


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One line: its text, the page about it, its time, and the notices it stands for."""

    topic: Topic
    words: str
    path: str
    when: datetime
    day: date
    numbers: Sequence[int]
    is_unread: bool


def digest_of(notices: Iterable[Notice]) -> list[DigestLine]:
    """Return notices as lines in the given order; one line for each topic, project and day."""
    topics = all_topics()
    notices = [notice for notice in notices if notice.topic in topics]
    names = project_names(notice.event.project_id for notice in notices)
    together: dict[tuple[Any, ...], list[Notice]] = {}
    for notice in notices:
        together.setdefault(_line_key(notice, topics[notice.topic]), []).append(notice)
    return [_line(topics[some[0].topic], some, names) for some in together.values()]


def _day(notice: Notice) -> date:
    return timezone.localtime(notice.created_at).date()


def _line_key(notice: Notice, topic: Topic) -> tuple[Any, ...]:
    if not topic.many:
        return (notice.pk,)
    return notice.topic, notice.event.project_id, _day(notice), notice.read_at is None


def _line(topic: Topic, notices: Sequence[Notice], names: ProjectNames) -> DigestLine:
    newest = notices[0]
    return DigestLine(
        topic=topic,
        words=words_of(topic, newest.event, names, count=len(notices)),
        path=_path(topic, newest.event, names, count=len(notices)),
        when=newest.created_at,
        day=_day(newest),
        numbers=[notice.pk for notice in notices],
        is_unread=newest.read_at is None,
    )


def words_of(topic: Topic, event: Event, names: ProjectNames, *, count: int = 1) -> str:
    """Return the text for `count` events of one topic in one project, of which this is one."""
    known = {
        "team": event.team,
        "actor": event.actor or (_("A former member") if event.of_person else _("Someone")),
        "project": names.get(event.project_id or 0, (_("the team"), None))[0],
        "count": count,
    }
    text = topic.many if count > 1 and topic.many else topic.one
    return str(text % Facts({**event.facts, **known}))


def _path(topic: Topic, event: Event, names: ProjectNames, *, count: int) -> str:
    listed = list_path(topic.many_on, event, names) if count > 1 else ""
    return listed or path_of(event)
