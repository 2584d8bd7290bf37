"""Telling people that they were mentioned."""

from typing import Any

from apps.activity.mentions import mentioned_in, those_who_see
from apps.activity.recording import Subject, record
from apps.teams.models import Member


def mention(member: Member, subject: Subject, text: str, **facts: Any) -> list[dict[str, str]]:
    """Write down whom a text mentions; return the words and names, to be kept as values beside the text.

    Whoever may not see the subject's project is not mentioned: the word stays a word.
    """
    if "@" not in text:
        return []
    found = mentioned_in(text, those_who_see(member.team, subject.of_project))
    if found:
        people = {one.user_id: one for one in found.values()}
        names = [str(one.user) for one in people.values()]
        record("mentioned", subject, actor=member.user, who=list(people), names=names, **facts)
    return [{"word": word, "name": str(one.user)} for word, one in found.items()]
