from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from apps.jobs.models import Chain, Job
from apps.jobs.states import State
from tests.support.cases import case
from tests.support.factories import a_clip, a_job, an_account, client_of, job_of

pytestmark = pytest.mark.django_db
OF_HTMX = {"HX-Request": "true", "HX-Target": "extend-form"}


@pytest.fixture
def page(creator):
    return client_of(creator)


@pytest.fixture
def clip(team, image):
    comet = an_account(team, kind="comet")
    settings = {"resolution": "480p", "motion": "low", "mode": "fast", "animateMode": "manual"}
    shot = {"image": image, "project": image.project, "account": comet, "parameters": settings}
    job = a_job(team, State.SAVED, clips=0, **shot)
    return a_clip(team, job, take=2, prompt_text="The gull lands")


def form_of(answer):
    form = answer.context["form"]
    return {
        "idempotency_key": str(form["idempotency_key"].value()),
        "quoted_price": str(form.price_in_all),
        "length": form["length"].value(),
        "last_order_seen": str(answer.context["last_order_seen"]),
    }


def a_form() -> dict[str, str]:
    """Return a new form for one part, as the page would give it."""
    return {"idempotency_key": str(uuid4()), "quoted_price": "0.60", "length": "9"}


def address(clip):
    return f"/jobs/extend/{clip.public_id}/"


def test_a_clips_page_leads_to_making_it_longer_where_that_can_be(page, clip, job_in, team):
    assertContains(page.get(clip.get_absolute_url()), address(clip))
    other = a_clip(team, job_in(State.SAVED))
    assertNotContains(page.get(other.get_absolute_url()), address(other))


def test_a_clip_is_made_longer_by_one_part_for_the_price_on_the_button(page, clip):
    answer = page.get(address(clip))
    assertContains(answer, "$0.60")
    page.post(address(clip), form_of(answer) | {"part_2": "It flies off"})
    job = Job.objects.get(extends=job_of(clip))
    assert (job.part, job.extends_take, job.prompt_text) == (1, 2, "It flies off")


def test_up_to_four_parts_can_follow_and_cost_what_the_button_says(page, clip):
    shown = page.post(
        f"{address(clip)}preview/", form_of(page.get(address(clip))) | {"length": "21"}
    )
    assertContains(shown, "4 × $0.60 = $2.40")
    page.post(address(clip), form_of(shown) | {"part_3": "Night falls"})
    words = Job.objects.filter(part__gt=0).order_by("part").values_list("prompt_text", flat=True)
    assert list(words) == ["The gull lands", "Night falls", "The gull lands", "The gull lands"]


def test_pressing_twice_makes_it_longer_once(page, clip):
    form = a_form()
    assert page.post(address(clip), form)["Location"] == page.post(address(clip), form)["Location"]
    assert Job.objects.filter(extends=job_of(clip)).count() == 1


def test_the_same_form_pressed_again_later_says_that_nothing_was_ordered(page, clip):
    form = a_form()
    assertNotContains(page.post(address(clip), form, follow=True), "ordered this job already")
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assertContains(page.post(address(clip), form, follow=True), "ordered this job already")


def test_the_same_from_a_second_tab_makes_it_longer_again_only_by_who_says_so(page, clip):
    words = {"part_2": "It flies off"}
    tabs = [form_of(page.get(address(clip))) | words for _ in range(2)]
    page.post(address(clip), tabs[0])
    made = Job.objects.get(extends=job_of(clip))
    answer = page.post(address(clip), tabs[1])
    assertContains(answer, "ordered exactly this since you opened this page", status_code=422)
    assertContains(
        answer, f'<a href="{made.get_absolute_url()}">It flies off (Queued)</a>', status_code=422
    )
    assert Job.objects.filter(extends=job_of(clip)).count() == 1
    page.post(address(clip), form_of(answer) | words)
    assert Job.objects.filter(extends=job_of(clip)).count() == 2


def test_other_words_another_length_and_another_take_from_a_second_tab_are_orders(page, clip, team):
    opened = {"last_order_seen": str(page.get(address(clip)).context["last_order_seen"])}

    def extend(take, **changes: str) -> int:
        given = a_form() | opened | {"part_2": "It flies off"}
        return page.post(address(take), given | changes).status_code

    assert extend(clip) == 302
    assert extend(clip, part_2="It stays") == 302
    assert extend(clip, length="13", quoted_price="1.2") == 302
    assert extend(a_clip(team, job_of(clip), take=3)) == 302
    assert extend(clip, length="13", quoted_price="1.2") == 422


@pytest.fixture
def plan(team, clip, job_in):
    """Three parts that were to follow the clip; the second of them came to nothing."""
    chain = Chain.objects.create(team=team, project=clip.project, is_stepwise=True)
    common = {
        "chain": chain,
        "account": job_of(clip).account,
        "parameters": job_of(clip).parameters,
    }
    after, take, parts = job_of(clip), clip.take, []
    for state, words in (
        (State.SAVED, "It turns"),
        (State.MODERATED, "It bites"),
        (State.CANCELLED, "It flies off"),
    ):
        parts.append(
            job_in(
                state,
                part=after.part + 1,
                extends=after,
                extends_take=take,
                prompt_text=words,
                **common,
            )
        )
        after, take = parts[-1], 0
    a_clip(team, parts[0], take=1)
    return parts


def test_a_part_is_rephrased_where_the_plan_goes_on_with_its_words_and_those_that_follow(
    page, plan
):
    first, second, _ = plan
    link = f"/jobs/new/?again={second.public_id}"
    assertContains(page.get(second.get_absolute_url()), link)
    answer = page.get(link, follow=True)
    assert answer.redirect_chain == [
        (f"{address(first.clips.get())}?again={second.public_id}", 302)
    ]
    form = answer.context["form"]
    words = {field.name: field.value() for field in form.part_fields}
    assert words == {"part_3": "It bites", "part_4": "It flies off"}
    assert (form["length"].value(), form["is_stepwise"].value()) == ("17", True)
    assertContains(answer, "2 × $0.60 = $1.20")
    assertContains(answer, "continues the previous one")


def test_a_part_is_ordered_again_from_the_very_take_it_went_on_from(page, plan, clip):
    answer = page.get("/jobs/new/", {"again": str(plan[0].public_id)}, follow=True)
    assert answer.context["clip"] == clip
    assert [field.value() for field in answer.context["form"].part_fields] == [
        "It turns",
        "It bites",
        "It flies off",
    ]


def test_a_part_whose_predecessor_was_not_made_is_ordered_again_from_that_one_on(page, plan):
    answer = page.get("/jobs/new/", {"again": str(plan[2].public_id)}, follow=True)
    words = [field.value() for field in answer.context["form"].part_fields]
    assert words == ["It bites", "It flies off"]


def test_what_is_to_be_made_longer_takes_words_only_from_a_part_that_goes_on_from_it(
    page, plan, clip
):
    for again in (plan[1].public_id, "nothing", job_of(clip).public_id):
        form = page.get(address(clip), {"again": str(again)}).context["form"]
        assert [field.value() for field in form.part_fields] == [None]


FAULTS = [
    {"quoted_price": "0.1"},
    {"part_2": "On --motion high"},
    {"idempotency_key": "x"},
    {"length": "22"},
]


def test_a_fault_comes_back_with_what_was_typed(page, clip):
    for fault in FAULTS:
        with case(fault):
            given = a_form() | {"part_2": "It flies off"} | fault
            answer = page.post(address(clip), given, headers=OF_HTMX)
            assertContains(answer, fault.get("part_2", "It flies off"), status_code=422)
    assert not Job.objects.filter(part__gt=0).exists()


def test_a_clip_near_the_longest_length_is_offered_only_what_fits(page, clip):
    Job.objects.filter(pk=job_of(clip).pk).update(part=3)
    choices = page.get(address(clip)).context["form"].fields["length"].choices
    assert [value for value, _label in choices] == ["21"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_joined": True}, "was joined from parts."),
        ({"order": None}, "Only a clip that came straight from its vendor"),
    ],
)
def test_a_clip_that_cannot_be_longer_says_why(page, clip, changes, words):
    type(clip).objects.filter(pk=clip.pk).update(**changes)
    assertContains(page.get(address(clip)), words)


def test_a_vendor_that_cannot_go_on_a_full_length_and_a_closed_account_are_reasons(
    page, clip, job_in, team
):
    assertContains(
        page.get(address(a_clip(team, job_in(State.SAVED)))),
        "extend clips.",
    )
    Job.objects.filter(pk=job_of(clip).pk).update(part=4)
    assertContains(page.get(address(clip)), "has the maximum length: 21 s")
    Job.objects.filter(pk=job_of(clip).pk).update(part=0)
    account = job_of(clip).account
    account.is_open = False
    account.save()
    assertContains(page.get(address(clip)), "account is paused")
    assert page.post(address(clip), {}).status_code == 422
