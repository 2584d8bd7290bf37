"""No room's Python knows a room above it by a string: URL name, label, path, template or verb."""

from tests.support.finders.upward import all_upward_strings, state_values, upward_strings
from tests.support.repository import ROOT, inside


def test_no_room_names_a_room_above_it_in_a_string():
    offenders = [
        f"{room}: {name}:{line} {text}"
        for room, name, line, text in all_upward_strings(ROOT, inside("apps/"))
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


def test_words_of_several_parts_that_a_room_keeps_for_its_states_are_its_own():
    source = '''
class State(models.TextChoices):
    """A life."""

    AT_VENDOR = "at_vendor", _("At vendor")
    SAVED = "saved", _("Saved")

LIMIT = "not_a_state"
'''
    assert state_values(source) == {"at_vendor", "saved"}
