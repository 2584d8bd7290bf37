"""No room's Python knows a room above it by a string: URL name, label, path, template or verb."""

from collections import defaultdict
from pathlib import Path

from tests.architecture.test_house import ROOT, inside
from tests.support.finders.upward import (
    recorded_verbs,
    room_order,
    rooms_above,
    upward_strings,
    verbs_above,
)

# Rooms that still know others above them. The list may only shrink.
NOT_YET = {"activity", "clips", "jobs", "teams"}


def sources() -> dict[str, dict[str, str]]:
    """Return the modules of each room, name to source."""
    rooms: dict[str, dict[str, str]] = defaultdict(dict)
    for name in inside("apps/"):
        room, *rest = Path(name).parts[1:]
        if rest:
            rooms[room][name] = (ROOT / name).read_text()
    return rooms


def test_no_room_names_a_room_above_it_in_a_string():
    order = room_order(ROOT)
    rooms = sources()
    verbs = {
        room: set().union(*map(recorded_verbs, modules.values())) for room, modules in rooms.items()
    }
    offenders = [
        f"{name}:{line} {text}"
        for room in rooms.keys() - NOT_YET
        for name, source in rooms[room].items()
        for line, text in upward_strings(
            source, rooms_above(room, order), verbs_above(room, order, verbs)
        )
    ]
    assert sorted(offenders) == []


def test_urls_labels_paths_templates_and_verbs_of_higher_rooms_are_found():
    source = '''
"""jobs:show in a docstring is prose."""
redirect("jobs:show")
model = "jobs.Job"
task = "apps.jobs.tasks.poll"
page = "jobs/list.html"
verb = "gave_up"
own = "teams:show"
'''
    found = {text for _line, text in upward_strings(source, {"jobs"}, {"gave_up"})}
    assert found == {"jobs:show", "jobs.Job", "apps.jobs.tasks.poll", "jobs/list.html", "gave_up"}
