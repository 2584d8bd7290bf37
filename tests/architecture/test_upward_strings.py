"""No room's Python knows a room above it by a string: URL name, label, path, template or verb."""

from tests.architecture.test_house import ROOT, inside
from tests.support.finders.upward import all_upward_strings, upward_strings

# Rooms that still know others above them. The list may only shrink.
NOT_YET = {"clips", "jobs"}


def test_no_room_names_a_room_above_it_in_a_string():
    offenders = [
        f"{name}:{line} {text}"
        for room, name, line, text in all_upward_strings(ROOT, inside("apps/"))
        if room not in NOT_YET
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
