from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.jobs import making
from apps.jobs.models import Clip, Job
from apps.jobs.pace import LONGEST, SHORTEST, Pace, pace_of, pause_after_trouble, pause_before_look
from apps.jobs.states import Nsfw, State
from apps.jobs.tasks import STEPS
from apps.vendors.errors import Lost, Moderated, Refused, TryLater, Unsure
from apps.vendors.types import Output, Progress, Report

pytestmark = pytest.mark.django_db
DONE = Report(
    progress=Progress.DONE,
    vendor_word="completed",
    outputs=(Output(url="https://v.test/0.mp4", nsfw=False), Output(url="https://v.test/1.mp4")),
    inference_ms=41873,
)


def fresh(job: Job) -> Job:
    return Job.objects.select_related("account", "image").get(pk=job.pk)


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        pytest.param(TryLater("Closed."), State.QUEUED, id="never-left"),
        pytest.param(Refused("No."), State.FAILED, id="refused"),
        pytest.param(Moderated("Not that."), State.MODERATED, id="moderated"),
        pytest.param(Unsure("Hello?"), State.UNCONFIRMED, id="answer-lost"),
    ],
)
def test_trouble_at_the_counter_decides_where_the_job_goes(vendor, job_in, trouble, state):
    trouble.vendor_words = "verbatim"
    vendor.trouble = trouble
    job = fresh(job_in(State.QUEUED))
    making.submit(job)
    assert (job.state, job.reason, job.vendor_words) == (state, str(trouble), "verbatim")


def test_an_order_carries_image_words_and_parameters(vendor, job_in):
    job = fresh(job_in(State.QUEUED, parameters={"resolution": "720p", "seed": 7}))
    making.submit(job)
    (order,) = vendor.orders
    assert (order.prompt, order.parameters) == (job.prompt_text, {"resolution": "720p", "seed": 7})
    assert ".jpg" in order.image_url
    assert (job.state, job.vendor_job_id, job.vendor_word) == (State.AT_VENDOR, "memory-1", "created")


def test_a_repeated_submit_orders_once(vendor, job_in):
    job = job_in(State.QUEUED)
    first, second = fresh(job), fresh(job)
    making.submit(first)
    making.submit(second)
    making.submit(fresh(job))
    assert len(vendor.orders) == 1


def test_a_vendor_that_repeats_an_id_leaves_the_second_job_to_a_person(vendor, job_in):
    first, second = fresh(job_in(State.QUEUED)), fresh(job_in(State.QUEUED))
    making.submit(first)
    vendor.orders.clear()
    making.submit(second)
    assert (first.vendor_job_id, second.state) == ("memory-1", State.UNCONFIRMED)
    assert "another job" in second.reason


def test_a_worker_that_dies_while_sending_leaves_a_job_for_a_person(vendor, job_in):
    job = job_in(State.SUBMITTING, next_step_at=timezone.now() - timedelta(seconds=1))
    ((pk, state),) = Job.objects.claim_due(STEPS)
    assert STEPS[state].name == "apps.jobs.tasks.doubt"
    making.doubt(fresh(Job(pk=pk)))
    assert fresh(job).state == State.UNCONFIRMED
    assert vendor.orders == []


def test_a_busy_vendor_says_itself_when_to_come_back(vendor, job_in):
    vendor.trouble = TryLater("Busy.", retry_after=90)
    job = fresh(job_in(State.QUEUED))
    making.submit(job)
    assert timedelta(seconds=80) < job.next_step_at - timezone.now() <= timedelta(seconds=90)


def test_a_job_whose_image_is_gone_is_never_sent(vendor, job_in):
    job = job_in(State.QUEUED)
    job.image.delete()
    job = fresh(job)
    making.submit(job)
    assert job.state == State.FAILED
    assert "image was deleted" in job.reason
    assert vendor.orders == []


def test_a_finished_job_gets_a_clip_row_per_output_with_its_recipe(vendor, job_in):
    vendor.reports = [DONE]
    job = fresh(job_in(State.AT_VENDOR))
    making.look(job)
    assert (job.state, job.inference_ms) == (State.SAVING, 41873)
    clips = list(job.clips.order_by("number"))
    assert [clip.nsfw for clip in clips] == [Nsfw.CLEAR, Nsfw.UNKNOWN]
    assert {clip.prompt_text for clip in clips} == {job.prompt_text}
    assert clips[0].recipe() == job.recipe()


def test_two_looks_at_a_finished_job_make_its_clips_once(vendor, job_in):
    vendor.reports = [DONE]
    job = job_in(State.AT_VENDOR)
    first, second = fresh(job), fresh(job)
    making.look(first)
    making.look(second)
    assert Clip.objects.filter(job=job).count() == 2


@pytest.mark.parametrize(
    ("progress", "state"),
    [
        (Progress.FAILED, State.FAILED),
        (Progress.MODERATED, State.MODERATED),
        (Progress.CANCELLED, State.CANCELLED),
        (Progress.WAITING, State.AT_VENDOR),
        (Progress.RUNNING, State.AT_VENDOR),
        (Progress.UNKNOWN, State.AT_VENDOR),
    ],
)
def test_what_the_vendor_says_decides_where_the_job_goes(vendor, job_in, progress, state):
    vendor.reports = [Report(progress=progress, vendor_word="their word")]
    job = fresh(job_in(State.AT_VENDOR))
    making.look(job)
    job.refresh_from_db()
    assert (job.state, job.vendor_word) == (state, "their word")


@pytest.mark.parametrize("trouble", [TryLater("Out of order."), Refused("This key was revoked.")])
def test_trouble_while_looking_never_fails_a_job_that_may_be_paid(vendor, job_in, trouble):
    vendor.trouble = trouble
    job = fresh(job_in(State.AT_VENDOR, taken_at=timezone.now() - timedelta(hours=5)))
    making.look(job)
    job.refresh_from_db()
    assert (job.state, job.reason) == (State.AT_VENDOR, str(trouble))
    assert job.next_step_at > timezone.now()


def test_a_job_the_vendor_does_not_know_gets_a_moment_of_grace(vendor, job_in):
    vendor.trouble = Lost("Never heard of it.")
    young = fresh(job_in(State.AT_VENDOR, taken_at=timezone.now()))
    old = fresh(job_in(State.AT_VENDOR, taken_at=timezone.now() - timedelta(minutes=2)))
    making.look(young)
    making.look(old)
    assert (fresh(young).state, fresh(old).state) == (State.AT_VENDOR, State.FAILED)


def test_a_job_called_done_without_a_clip_is_asked_for_again(vendor, job_in):
    vendor.reports = [Report(progress=Progress.DONE, vendor_word="completed")]
    job = fresh(job_in(State.AT_VENDOR))
    making.look(job)
    assert fresh(job).state == State.AT_VENDOR


def test_two_rounds_at_once_claim_each_job_once(job_in):
    due = timezone.now() - timedelta(minutes=1)
    for _ in range(3):
        job_in(State.AT_VENDOR, next_step_at=due)
    mine, yours = Job.objects.claim_due(STEPS), Job.objects.claim_due(STEPS)
    claimed = [next(mine), *yours, *mine]
    assert len(claimed) == len(set(claimed)) == 3


def test_a_claim_that_nobody_honours_runs_out(job_in, settings):
    settings.CLAIM = timedelta(0)
    job_in(State.QUEUED, next_step_at=timezone.now() - timedelta(seconds=1))
    assert len(list(Job.objects.claim_due(STEPS))) == 1
    assert len(list(Job.objects.claim_due(STEPS))) == 1


def test_jobs_at_rest_cost_one_query_however_many(job_in, django_assert_num_queries):
    for state in (State.SAVED, State.FAILED, State.UNCONFIRMED, State.CANCELLED):
        job_in(state)
    with django_assert_num_queries(1):
        assert list(Job.objects.claim_due(STEPS)) == []


def test_the_pace_is_learned_from_three_jobs_on(job_in):
    now = timezone.now()
    for took in (10, 20):
        job = job_in(State.SAVED, taken_at=now - timedelta(seconds=took), done_at=now)
    assert pace_of(job.account, job.resolution) is None
    job_in(State.SAVED, taken_at=now - timedelta(seconds=60), done_at=now)
    assert pace_of(job.account, job.resolution).median == 20


@given(
    st.floats(0, 1e6),
    st.none()
    | st.tuples(st.floats(0, 1e5), st.floats(1, 10)).map(lambda p: Pace(p[0] / p[1], p[0], p[0] * p[1])),
)
def test_the_next_look_is_never_at_once_and_never_beyond_the_longest_pause(elapsed, pace):
    assert SHORTEST <= pause_before_look(timedelta(seconds=elapsed), pace) <= LONGEST


def test_a_job_is_left_alone_for_half_the_time_of_the_quickest():
    pace = Pace(p10=40, median=60, p90=90)
    assert pause_before_look(timedelta(0), pace) == timedelta(seconds=20)
    assert pause_before_look(timedelta(seconds=50), pace) == timedelta(seconds=3)
    assert pause_before_look(timedelta(hours=2), pace) > timedelta(minutes=5)


@given(st.integers(0, 10**6))
def test_trouble_waits_longer_each_time_up_to_a_limit(attempts):
    assert pause_after_trouble(attempts) <= pause_after_trouble(attempts + 1) <= LONGEST
