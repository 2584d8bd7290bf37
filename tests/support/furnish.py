"""Makes a team with one of everything, files included: `python -m tests.support.furnish`."""

import django

django.setup()

from tests.architecture.world import furnish  # noqa: E402
from tests.support.factories import a_member, a_team  # noqa: E402

if __name__ == "__main__":
    team = a_team(name="Furnished")
    furnish(team, a_member(team, email="owner@furnished.example"))
