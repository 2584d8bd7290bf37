"""Which projects somebody does not see, asked by whoever tells people of what happened."""

from apps.teams.models import Member, Team


def hidden_from(member: Member) -> frozenset[int]:  # noqa: ARG001  # until projects can be private
    """Return the numbers of the projects that this member must not hear of."""
    return frozenset()


def private_projects(team: Team) -> frozenset[int]:  # noqa: ARG001  # until projects can be private
    """Return the numbers of the projects that are not for everybody in the team, so for no hook either."""
    return frozenset()
