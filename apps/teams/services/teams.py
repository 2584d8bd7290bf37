"""What a person can do about people."""

from django.db import transaction

from apps.teams.models import Member, Team, User
from apps.teams.roles import Role


@transaction.atomic
def found_team(name: str, owner: User) -> Member:
    """Begin a team; its founder owns it."""
    return Member.objects.create(team=Team.objects.create(name=name), user=owner, role=Role.OWNER)


def add_member(team: Team, user: User, role: Role) -> Member:
    """Put somebody into a team; whoever is in it already keeps the role they have."""
    member, _ = Member.objects.get_or_create(team=team, user=user, defaults={"role": role})
    return member
