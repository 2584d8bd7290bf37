"""The tags of which pages are built."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template


def render_tag(text, **values):
    return Template(text).render(Context(values)).strip()


def test_an_icon_without_a_label_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in render_tag('{% icon "trash" %}')
    assert 'role="img" aria-label="Sealed"' in render_tag('{% icon "lock" label=_("Sealed") %}')


def test_a_chip_says_its_state_in_words_and_leaves_out_a_tone_it_has_not():
    chip = render_tag('{% chip label icon="eye" value="saved" %}', label="<b>")
    assert "&lt;b&gt;" in chip
    assert 'data-value="saved"' in chip
    assert "data-tone" not in chip
    assert 'data-tone="good"' in render_tag('{% chip "Saved" tone="good" %}')


def test_a_private_projects_name_stands_behind_a_lock_and_is_escaped():
    project = SimpleNamespace(name="A & B", is_private=True)
    shown = render_tag("{% project_name project %}", project=project)
    assert shown.endswith("</svg> A &amp; B")
    project.is_private = False
    assert render_tag("{% project_name project %}", project=project) == "A &amp; B"


def test_a_time_that_is_not_there_draws_nothing():
    assert render_tag("{% time when %}", when=None) == ""


@pytest.mark.parametrize(("level", "stays"), [("success", False), ("error", True)])
def test_a_message_that_carries_a_fault_stays(level, stays):
    shown = render_tag('{% toast "Hello" level=level undo_url="/undo/" %}', level=level)
    assert ("data-stays" in shown) is stays
    assert 'action="/undo/"' in shown
