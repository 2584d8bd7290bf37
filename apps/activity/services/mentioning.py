"""Mentions in texts, recorded so that people are notified."""

from collections.abc import Iterable, Mapping
from typing import Any

from apps.activity.mentions import members_who_see, mentioned_members
from apps.core.events import Subject, record
from apps.teams.models import Member


def mention(
    member: Member,
    subject: Subject,
    text: str,
    *,
    before: Iterable[Mapping[str, str]] = (),
    **facts: Any,
) -> list[dict[str, str]]:
    """Record the people a text mentions; return their words and names, to be kept beside the text.

    Who may not see the subject's project is not mentioned. `before` is what was kept beside an
    earlier version of the text: those people have been notified already.
    """
    if "@" not in text:
        return []
    found = mentioned_members(text, members_who_see(member.team, subject.of_project))
    known = {one["word"] for one in before}
    people = {one.user_id: one for word, one in found.items() if word not in known}
    if people:
        names = [str(one.user) for one in people.values()]
        record("mentioned", subject, actor=member.user, who=list(people), names=names, **facts)
    return [{"word": word, "name": str(one.user)} for word, one in found.items()]
