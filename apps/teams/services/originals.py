"""Whether a team keeps files as they were uploaded."""

from apps.teams.models import Member, Team
from apps.teams.roles import Permission


def set_keeps_originals(member: Member, *, keeps: bool) -> bool:
    """Keep original files from now on, or none any more; return whether that is new. What was kept stays."""
    member.require(Permission.GOVERN)
    changed = Team.objects.filter(pk=member.team_id, keeps_originals=not keeps).update(
        keeps_originals=keeps
    )
    member.team.keeps_originals = keeps
    return bool(changed)
