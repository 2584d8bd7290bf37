import re

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.clips.states import Verdict
from apps.core.errors import DomainError, NotAllowed
from apps.jobs.states import State
from apps.reviews.models import Decision
from apps.reviews.queries import next_waiting, previous_waiting, waiting
from apps.reviews.services import decide, take_back
from apps.teams.scoping import within
from tests.support.factories import a_clip, a_job, an_output, client_of, job_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(team):
    return a_clip(team)


@pytest.fixture
def inside(team):
    """Be within the team."""
    with within(team):
        yield


def press(member, clip, action="decide", **given):
    return client_of(member).post(reverse(f"reviews:{action}", args=[clip.public_id]), given)


def verdict_of(clip) -> str:
    with within(clip.team):
        clip.refresh_from_db()
    return clip.verdict


@pytest.mark.parametrize("who", ["reviewer", "producer", "owner"])
def test_roles_that_may_decide_approve(request, clip, who):
    member = request.getfixturevalue(who)
    assertRedirects(press(member, clip, verdict="approved"), clip.get_absolute_url())
    assert verdict_of(clip) == Verdict.APPROVED
    with within(clip.team):
        decision = Decision.objects.get()
    assert (decision.created_by, decision.verdict) == (member.user, Verdict.APPROVED)


@pytest.mark.parametrize("who", ["viewer", "creator"])
def test_other_roles_decide_nothing(request, clip, who):
    member = request.getfixturevalue(who)
    assertContains(press(member, clip, verdict="approved"), "can approve", status_code=403)
    assert verdict_of(clip) == Verdict.UNDECIDED


def test_asking_for_changes_says_which(reviewer, clip):
    press(reviewer, clip, verdict="changes_requested", note="  Slower, please.  ")
    with within(clip.team):
        assert Decision.objects.get().note == "Slower, please."
    assert verdict_of(clip) == Verdict.CHANGES


def test_changes_without_a_note_come_back(reviewer, clip):
    response = press(reviewer, clip, verdict="changes_requested", note="   ")
    assertContains(response, "what should change?", status_code=422)
    assert verdict_of(clip) == Verdict.UNDECIDED


def test_the_hint_names_the_buttons_that_ask_for_a_note(reviewer, clip):
    page = client_of(reviewer).get(clip.get_absolute_url())
    assertContains(page, "Required for “Request changes”.")
    assertNotContains(page, "Required for “Approve”.")


def test_a_refused_decision_keeps_the_note_that_was_typed(reviewer, clip):
    response = press(reviewer, clip, verdict="rubbish", note="A long and thoughtful note.")
    assertContains(response, "A long and thoughtful note.", status_code=422)


def last_seen(member, clip) -> str:
    """Return the number of the last decision that the clip's page knows of."""
    return last_decision_in(client_of(member).get(clip.get_absolute_url()))


def last_decision_in(response) -> str:
    found = re.search(r'name="last_decision_seen" value="(\d+)"', response.content.decode())
    assert found
    return found[1]


def test_nobody_overrules_a_colleague_without_knowing(reviewer, owner, clip):
    seen = last_seen(reviewer, clip)
    press(owner, clip, verdict="approved", last_decision_seen=last_seen(owner, clip))
    answer = press(
        reviewer, clip, verdict="changes_requested", note="Slower, please.", last_decision_seen=seen
    )
    assertContains(answer, "just decided “Approved”", status_code=422)
    assertContains(answer, "Slower, please.", status_code=422)
    assert verdict_of(clip) == Verdict.APPROVED
    press(
        reviewer,
        clip,
        verdict="changes_requested",
        note="Slower, please.",
        last_decision_seen=last_decision_in(answer),
    )
    assert verdict_of(clip) == Verdict.CHANGES


def test_a_form_that_comes_back_for_its_note_knows_no_more_of_a_colleague_than_before(
    reviewer, owner, clip
):
    seen = last_seen(reviewer, clip)
    press(owner, clip, verdict="approved", last_decision_seen=last_seen(owner, clip))
    answer = press(reviewer, clip, verdict="changes_requested", last_decision_seen=seen)
    assertContains(answer, "what should change?", status_code=422)
    answer = press(
        reviewer,
        clip,
        verdict="changes_requested",
        note="Slower, please.",
        last_decision_seen=last_decision_in(answer),
    )
    assertContains(answer, "just decided “Approved”", status_code=422)
    answer = press(
        reviewer, clip, verdict="changes_requested", last_decision_seen=last_decision_in(answer)
    )
    press(
        reviewer,
        clip,
        verdict="changes_requested",
        note="Slower, please.",
        last_decision_seen=last_decision_in(answer),
    )
    assert verdict_of(clip) == Verdict.CHANGES


@pytest.mark.parametrize("seen", ["", "nothing"])
def test_a_form_that_does_not_say_what_it_has_seen_comes_back_with_what_there_is(
    reviewer, owner, clip, seen
):
    press(owner, clip, verdict="approved")
    answer = press(reviewer, clip, verdict="changes_requested", last_decision_seen=seen)
    assert answer.status_code == 422
    assert last_decision_in(answer) == last_seen(reviewer, clip) != "0"


def test_who_agrees_with_a_colleague_is_not_asked_again(reviewer, owner, clip):
    seen = last_seen(reviewer, clip)
    press(owner, clip, verdict="approved")
    assertRedirects(
        press(reviewer, clip, verdict="approved", last_decision_seen=seen), clip.get_absolute_url()
    )


def test_nobody_takes_back_a_decision_that_they_have_not_seen(reviewer, owner, clip):
    press(reviewer, clip, verdict="approved")
    seen = last_seen(reviewer, clip)
    press(owner, clip, verdict="changes_requested", note="Slower, please.")
    press(reviewer, clip, "take_back", last_decision_seen=seen)
    assert verdict_of(clip) == Verdict.CHANGES


def test_the_rule_holds_below_the_form_too(reviewer, viewer, clip, inside):
    with pytest.raises(DomainError, match="what should change"):
        decide(reviewer, clip, Verdict.CHANGES, " ")
    with pytest.raises(NotAllowed):
        decide(viewer, clip, Verdict.APPROVED)
    assert not Decision.objects.exists()


def test_a_decision_is_taken_back_and_the_history_says_so(reviewer, clip):
    press(reviewer, clip, verdict="approved")
    assertRedirects(press(reviewer, clip, "take_back"), clip.get_absolute_url())
    assert verdict_of(clip) == Verdict.UNDECIDED
    with within(clip.team):
        history = list(Decision.objects.order_by("pk").values_list("verdict", flat=True))
    assert history == [Verdict.APPROVED, Verdict.UNDECIDED]


def test_who_may_not_decide_may_not_undo(creator, reviewer, clip, inside):
    decide(reviewer, clip, Verdict.APPROVED)
    with pytest.raises(NotAllowed):
        take_back(creator, clip)


def test_a_decision_outlives_its_maker(reviewer, clip):
    press(reviewer, clip, verdict="approved")
    reviewer.user.delete()
    with within(clip.team):
        assert Decision.objects.get().verdict == Verdict.APPROVED


def test_the_queue_holds_what_is_undecided_newest_first(team, inside):
    clips = [a_clip(team) for _ in range(3)]
    a_clip(team, verdict=Verdict.APPROVED)
    an_output(team, a_job(team, State.SAVING))
    assert list(waiting()) == clips[::-1]


def test_the_queue_is_walked_in_order_and_begins_again(team, inside):
    oldest, middle, newest = (a_clip(team) for _ in range(3))
    assert [next_waiting(clip) for clip in (newest, middle, oldest)] == [middle, oldest, newest]
    assert [previous_waiting(clip) for clip in (newest, middle, oldest)] == [None, newest, middle]


def test_takes_of_one_shot_are_walked_in_order_too(team, inside):
    a_job(team, State.SAVED, clips=4)
    seen = [waiting().first()]
    while (following := next_waiting(seen[-1])) not in seen:
        seen.append(following)
    assert [clip.take for clip in seen] == [4, 3, 2, 1]


def test_after_a_decision_one_may_go_on_to_the_next_clip(team, reviewer):
    older, newer = a_clip(team), a_clip(team)
    response = press(reviewer, newer, verdict="approved", onward="yes")
    assertRedirects(response, older.get_absolute_url())
    response = press(reviewer, older, verdict="approved", onward="yes")
    assertRedirects(response, older.get_absolute_url())


def test_after_a_decision_htmx_is_redirected_as_well(reviewer, clip):
    response = client_of(reviewer).post(
        reverse("reviews:decide", args=[clip.public_id]),
        {"verdict": "approved"},
        headers={"HX-Request": "true", "HX-Target": "decision"},
    )
    assert response["HX-Redirect"] == clip.get_absolute_url()


@pytest.mark.parametrize("action", ["decide", "take_back"])
def test_another_teams_clip_is_not_there(stranger, clip, action):
    assert press(stranger, clip, action, verdict="approved").status_code == 404
    assert verdict_of(clip) == Verdict.UNDECIDED


def test_a_clip_whose_job_was_swept_away_still_has_its_page(reviewer, clip):
    with within(clip.team):
        job_of(clip).delete()
    assertContains(client_of(reviewer).get(clip.get_absolute_url()), clip.prompt_text)
    assert press(reviewer, clip, verdict="approved").status_code == 302


def test_there_is_nothing_to_take_back_from_a_clip_nobody_decided_on(reviewer, clip):
    with within(reviewer.team), pytest.raises(DomainError, match="in review"):
        take_back(reviewer, clip)


def test_the_queue_is_drawn_anew_with_its_count_and_its_tiles(reviewer, clip):
    answer = (
        client_of(reviewer)
        .get(reverse("reviews:queue"), headers={"HX-Request": "true", "HX-Target": "waiting"})
        .content.decode()
    )
    assert answer.strip().startswith('<div id="waiting"')
    assert "1 clip" in answer
    assert f'id="tile-{clip.public_id}"' in answer


def test_whoever_asks_for_changes_without_words_is_told_in_ours_and_keeps_the_choice_made(
    team, reviewer, clip
):
    a_clip(team)
    answer = client_of(reviewer).post(
        reverse("reviews:decide", args=[clip.public_id]),
        {"verdict": "changes_requested", "note": " "},
        headers={"HX-Request": "true", "HX-Target": "decision"},
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "what should change?" in page
    assert " autofocus" in page
    assert " required" not in page
    assert not re.search(r'name="onward"[^>]* checked', page), (
        "the box was not ticked in what was sent"
    )
