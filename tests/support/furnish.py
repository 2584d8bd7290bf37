"""Founds a team that has one of everything in an installation, files included: `python -m tests.support.furnish`."""

import django

django.setup()

from tests.architecture.world import furnished  # noqa: E402
from tests.support.factories import a_member, a_team  # noqa: E402

if __name__ == "__main__":
    team = a_team(name="Furnished")
    furnished(team, a_member(team, email="owner@furnished.example"))
