import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from apps.core.events import record
from apps.jobs.models import Job
from apps.jobs.states import State
from tests.support.factories import a_job, an_image, client_of

pytestmark = pytest.mark.django_db
LATE = "/jobs/late/"


@pytest.fixture
def page(creator):
    return client_of(creator)


def record_moves(job, *states):
    for state in states:
        record("moved", job, to=str(state))


def test_without_late_jobs_the_page_says_what_it_is_for(page, job_in):
    job_in(State.SAVED)
    assertContains(page.get(LATE), "Nothing arrived late")
    assertNotContains(page.get(reverse("desk:home")), "arrived late:")


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (
            (State.FAILED, State.AT_VENDOR, State.SAVING),
            "It was given up. Then it was found at the vendor.",
        ),
        ((State.FAILED, State.SAVING), "It failed. Then the vendor delivered a clip."),
        ((State.MODERATED, State.SAVING), "The vendor declined it. Then it delivered a clip."),
        ((State.CANCELLED, State.AT_VENDOR), "It was cancelled. Then it was found"),
        ((), "It had ended. Then"),
    ],
)
def test_a_late_job_says_what_happened(page, job_in, way, words):
    record_moves(job_in(State.SAVED, is_late=True), *way)
    assertContains(page.get(LATE), words)


def test_an_order_that_arrived_twice_says_so(page, job_in):
    twin = job_in(State.AT_VENDOR, is_late=True)
    record("found_twin", twin, of="another")
    assertContains(page.get(LATE), "The vendor received the order twice")


def test_the_desk_tells_of_late_jobs_until_they_were_seen(page, job_in):
    job = job_in(State.SAVED, is_late=True)
    assertContains(page.get(reverse("desk:home")), "1 job arrived late:")
    answer = page.post(f"{job.get_absolute_url()}seen/", {"back": "late"})
    assert answer["Location"] == LATE
    assertNotContains(page.get(reverse("desk:home")), "arrived late:")


def test_nothing_of_another_team_is_late_here(page, stranger):
    theirs = a_job(stranger.team, State.AT_VENDOR, is_late=True)
    assertNotContains(page.get(LATE), str(theirs.public_id))


def test_late_jobs_come_newest_first_page_by_page_at_the_same_cost(
    page, team, account, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr("apps.jobs.views.showing.PAGE_SIZE", 3)
    image = an_image(team)

    def late(times):
        for _ in range(times):
            a_job(
                team, State.SAVED, image=image, project=image.project, account=account, is_late=True
            )

    late(1)
    page.get(LATE)
    with django_assert_max_num_queries(15) as few:
        page.get(LATE)
    late(4)
    with django_assert_max_num_queries(len(few)):
        first = page.get(LATE)
    newest = list(Job.objects.order_by("-pk"))
    assert [story.job for story in first.context["stories"]] == newest[:3]
    rest = page.get(LATE, {"after": first.context["page"].next_cursor})
    assert [story.job for story in rest.context["stories"]] == newest[3:]
