"""Telling people that they were mentioned."""

from collections.abc import Iterable, Mapping
from typing import Any

from apps.activity.mentions import mentioned_in, those_who_see
from apps.core.events import Subject, record
from apps.teams.models import Member


def mention(
    member: Member,
    subject: Subject,
    text: str,
    *,
    told: Iterable[Mapping[str, str]] = (),
    **facts: Any,
) -> list[dict[str, str]]:
    """Write down whom a text mentions; return the words and names, to be kept as values beside the text.

    Whoever may not see the subject's project is not mentioned: the word stays a word. `told` is
    what was kept of an earlier wording: those people have heard already.
    """
    if "@" not in text:
        return []
    found = mentioned_in(text, those_who_see(member.team, subject.of_project))
    known = {one["word"] for one in told}
    people = {one.user_id: one for word, one in found.items() if word not in known}
    if people:
        names = [str(one.user) for one in people.values()]
        record("mentioned", subject, actor=member.user, who=list(people), names=names, **facts)
    return [{"word": word, "name": str(one.user)} for word, one in found.items()]
