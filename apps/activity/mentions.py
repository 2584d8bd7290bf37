"""Mentions: @name stands for a member, by their name without spaces or the start of their email."""

import re
from collections import defaultdict
from collections.abc import Iterable

from apps.activity.visibility import member_lists
from apps.teams.models import Member, Team, User

# Not inside a word, so not inside an email; a full stop at the end belongs to the sentence.
MENTION = re.compile(r"(?<![\w@.])@([\w][\w.+'-]{0,60}(?<![.'-]))")
MOST_SHOWN = 8


def handles_of(user: User) -> set[str]:
    """Return the lower-case handles of a person."""
    name = "".join(user.name.split()).casefold()
    return {handle for handle in (user.email.partition("@")[0].casefold(), name) if handle}


def members_who_see(team: Team, project: int | None) -> list[Member]:
    """Return the members of a team, without those who may not see the project."""
    members = (
        team.members.select_related("user", "team")
        .filter(user__is_active=True)
        .order_by("user__name", "pk")
    )
    lists = member_lists([team.pk], [project]) if project else {}
    return [one for one in members if one.pk in lists.get(project or 0, {one.pk})]


def mentioned_members(text: str, members: Iterable[Member]) -> dict[str, Member]:
    """Return the members a text mentions, by word; a name of two people is nobody's."""
    words = {word.casefold() for word in MENTION.findall(text)}
    if not words:
        return {}
    named: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        for handle in handles_of(member.user):
            named[handle].append(member)
    return {word: named[word][0] for word in words if len(named.get(word, ())) == 1}


def suggestions(team: Team, project: int | None, begun: str) -> list[tuple[str, Member]]:
    """Return members whose name or handle begins so, each with the handle to write."""
    # A project that does not exist is answered like no project, so that the answer never reveals a
    # private one.
    members = members_who_see(team, project) or members_who_see(team, None)
    begun = begun.casefold()
    fits = [one for one in members if any(_begins(word, begun) for word in _words(one))]
    return [(_handle(one, members), one) for one in fits[:MOST_SHOWN]]


def _words(member: Member) -> set[str]:
    return {*handles_of(member.user), *member.user.name.casefold().split()}


def _begins(word: str, begun: str) -> bool:
    return word.startswith(begun)


def _handle(member: Member, members: Iterable[Member]) -> str:
    """Return the shortest handle that nobody shares, as people write it."""
    name = "".join(member.user.name.split())
    others = {handle for one in members if one.pk != member.pk for handle in handles_of(one.user)}
    own = [handle for handle in (name, member.user.email.partition("@")[0]) if handle]
    return next(
        (one for one in own if one.casefold() not in others and MENTION.fullmatch(f"@{one}")),
        own[-1],
    )
