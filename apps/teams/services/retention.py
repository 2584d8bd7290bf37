"""For how long a team keeps its events and its trash, and whether it keeps original files."""

from django.db import transaction

from apps.core.events import record
from apps.teams.models import Member, Team
from apps.teams.roles import Permission


@transaction.atomic
def set_event_days(member: Member, *, days: int | None) -> None:
    """Keep events for so many days, None for forever; a periodic task deletes older ones."""
    member.require(Permission.GOVERN)
    team = Team.objects.select_for_update(no_key=True).get(pk=member.team_id)
    if team.event_days == days:
        return
    Team.objects.filter(pk=team.pk).update(event_days=days)
    record("kept_events", team, actor=member.user, days=days)


@transaction.atomic
def set_trash_days(member: Member, *, days: int) -> None:
    """Keep the trash for so many days; a periodic task deletes older clips."""
    member.require(Permission.GOVERN)
    if Team.objects.filter(pk=member.team_id).exclude(trash_days=days).update(trash_days=days):
        record("kept_trash", member.team, actor=member.user, days=days)


def set_keep_originals(member: Member, *, keeps: bool) -> bool:
    """Keep original files from now on, or stop; return whether that is new. Kept files stay."""
    member.require(Permission.GOVERN)
    changed = Team.objects.filter(pk=member.team_id, keeps_originals=not keeps).update(
        keeps_originals=keeps
    )
    member.team.keeps_originals = keeps
    return bool(changed)
