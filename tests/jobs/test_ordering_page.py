from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from apps.activity.models import Event
from apps.budgets import services as budgets
from apps.budgets.models import Price
from apps.budgets.states import Period
from apps.jobs.models import Job
from apps.jobs.queries import moderated_today
from apps.jobs.states import State
from tests.support.cases import case
from tests.support.factories import a_job, a_project, a_prompt, an_account, an_image, client_of
from tests.support.people import FormReader

pytestmark = pytest.mark.django_db
OF_HTMX = {"HX-Request": "true", "HX-Target": "order-form"}


@pytest.fixture
def page(creator, project, image, account):
    return client_of(creator)


@pytest.fixture
def form(image, account):
    return {
        "idempotency_key": str(uuid4()),
        "quoted_price": "0.15",
        "image": str(image.public_id),
        "account": account.pk,
        "text": "Slow dolly in",
        "set_resolution": "480p",
    }


@pytest.fixture
def comet(team):
    return an_account(team, kind="comet")


@pytest.fixture
def longer(form, comet):
    """A form for nine seconds at a vendor that can go on from a clip."""
    return form | {"account": comet.pk, "length": "9", "quoted_price": "1.2", "set_mode": "fast"}


def test_an_order_goes_to_its_job(page, form):
    answer = page.post("/jobs/new/", form)
    assert answer["Location"] == Job.objects.get().get_absolute_url()


def test_the_same_from_a_second_tab_is_ordered_again_only_by_who_says_so(
    page, form, image, account
):
    tabs = []
    for _ in range(2):
        shown = page.get("/jobs/new/").context
        tabs.append(
            form
            | {
                "idempotency_key": shown["form"]["idempotency_key"].value(),
                "last_order_seen": str(shown["last_order_seen"]),
            }
        )
    page.post("/jobs/new/", tabs[0])
    answer = page.post("/jobs/new/", tabs[1])
    assertContains(answer, "ordered exactly this since you opened this page", status_code=422)
    made = Job.objects.get().get_absolute_url()
    assertContains(answer, f'<a href="{made}">Slow dolly in (Queued)</a>', status_code=422)
    page.post("/jobs/new/", tabs[1] | {"last_order_seen": str(answer.context["last_order_seen"])})
    assert Job.objects.count() == 2


def test_the_order_that_a_second_tab_is_told_of_is_named_as_plain_text(page, form):
    words = {"text": "<b>Slow</b> dolly in", "last_order_seen": "0"}
    page.post("/jobs/new/", form | words)
    answer = page.post("/jobs/new/", form | words | {"idempotency_key": str(uuid4())})
    assertContains(answer, "&lt;b&gt;Slow&lt;/b&gt; dolly in (Queued)</a>", status_code=422)


def test_the_same_form_pressed_again_later_goes_to_its_job_and_says_that_nothing_was_ordered(
    page, form
):
    told = "ordered this job already"
    assertNotContains(page.post("/jobs/new/", form, follow=True), told)
    assertNotContains(page.post("/jobs/new/", form, follow=True), told)  # a doubled click
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    answer = page.post("/jobs/new/", form, follow=True)
    job = Job.objects.get()
    assert answer.redirect_chain == [(job.get_absolute_url(), 302)]
    assertContains(answer, told)
    assertContains(answer, f"/jobs/new/?again={job.public_id}")


def test_other_words_from_a_second_tab_and_the_same_from_a_page_opened_since_are_orders(page, form):
    def order(words: str, last_order_seen: str) -> None:
        page.post(
            "/jobs/new/",
            form
            | {"idempotency_key": str(uuid4()), "text": words, "last_order_seen": last_order_seen},
        )

    opened = str(page.get("/jobs/new/").context["last_order_seen"])
    order("Slow dolly in", opened)
    order("Fast dolly in", opened)
    order("Slow dolly in", str(page.get("/jobs/new/").context["last_order_seen"]))
    assert Job.objects.count() == 3


def test_a_longer_clip_that_begins_with_the_same_words_is_another_order(page, longer):
    opened = {"last_order_seen": str(page.get("/jobs/new/").context["last_order_seen"])}

    def order(**changes: str) -> int:
        return page.post(
            "/jobs/new/", longer | opened | changes | {"idempotency_key": str(uuid4())}
        ).status_code

    assert order(length="5", quoted_price="0.6") == 302
    assert order(part_2="The door opens") == 302
    assert order(part_2="The door closes") == 302
    assert order(length="13", quoted_price="1.8", part_2="The door opens") == 302
    assert order(part_2="The door opens") == 422
    assert order(length="5", quoted_price="0.6") == 422


def test_a_page_whose_last_job_is_gone_meanwhile_asks_about_no_older_one(page, form):
    page.post("/jobs/new/", form)
    page.post("/jobs/new/", form | {"text": "Fast dolly in"})
    opened = str(page.get("/jobs/new/").context["last_order_seen"])
    Job.objects.get(prompt_text="Fast dolly in").delete()
    again = form | {"idempotency_key": str(uuid4()), "last_order_seen": opened}
    assert page.post("/jobs/new/", again).status_code == 302


def test_a_form_without_its_last_order_counts_as_new(page, form):
    page.post("/jobs/new/", form)
    for last_order_seen in ("", "nothing", str(uuid4()), "9" * 40, "9" * 5000):
        again = form | {"idempotency_key": str(uuid4()), "last_order_seen": last_order_seen}
        assert page.post("/jobs/new/", again).status_code == 302


def test_an_order_can_be_urgent(page, form):
    page.post("/jobs/new/", form | {"is_urgent": "on"})
    assert Job.objects.get().is_urgent


def test_a_price_that_was_not_shown_is_not_charged(page, form):
    answer = page.post("/jobs/new/", form | {"set_resolution": "720p"})
    assertContains(answer, "the job costs $0.48", status_code=422)
    assert Job.objects.count() == 0


def test_an_order_of_unknown_price_says_so_and_can_be_ordered(page, form, team):
    account = an_account(team, schema_version="3")
    chosen = form | {"account": account.pk}
    answer = page.post("/jobs/new/", chosen)
    assertContains(answer, "price unknown", status_code=422)
    page.post("/jobs/new/", chosen | {"quoted_price": "None"})
    assert Job.objects.get().price is None


REFUSED = [
    ("set_aspect_ratio", "9:16"),
    ("set_aspect_ratio", "0:0"),
    ("set_aspect_ratio", "a:b"),
    ("set_aspect_ratio", ":"),
    ("set_resolution", "1080p"),
    ("set_chaos", "101"),
    ("set_seed", "-2"),
    ("set_stylize", "many"),
    ("image", "nothing"),
    ("text", ""),
    ("text", "Dolly in --motion high"),
    ("idempotency_key", "x"),
]


def test_what_the_vendor_would_refuse_comes_back_with_what_was_typed(page, form):
    for field, value in REFUSED:
        with case(f"{field}={value}"):
            given = form | {"text": "Slow dolly in"} | {field: value}
            assert page.post("/jobs/new/", given, headers=OF_HTMX).status_code == 422
    assert Job.objects.count() == 0


def test_a_preview_shows_the_form_whatever_is_wrong_in_it(page, form):
    everything_else = dict(REFUSED[4:])
    for field, value in REFUSED[:4]:
        with case(f"{field}={value}"):
            given = form | everything_else | {field: value}
            assert page.post("/jobs/new/preview/", given, headers=OF_HTMX).status_code == 200


def test_a_prompt_from_the_library_wants_its_variables(page, form, team):
    prompt = a_prompt(team, "The camera circles {product}, {light=studio light}.")
    chosen = form | {"prompt": str(prompt.public_id), "text": ""}
    assertContains(page.post("/jobs/new/", chosen), "needs a value here", status_code=422)
    page.post("/jobs/new/", chosen | {"var_product": "the lamp"})
    job = Job.objects.get()
    assert job.prompt_text == "The camera circles the lamp, studio light."
    assert (job.prompt_title, job.prompt_number) == (prompt.title, 1)


def labels_of(answer, name: str) -> list[str]:
    return [label for _value, label in answer.context["form"].fields[name].choices]


def test_the_price_beside_a_setting_is_that_with_the_other_settings_as_they_are_chosen(
    page, form, comet, team
):
    Price.objects.create(
        team=team,
        vendor="comet",
        model="mj_relax_video",
        variant="480p",
        usd=Decimal("0.25"),
        source="mail",
    )
    chosen = form | {"account": comet.pk, "set_mode": "relax"}
    answer = page.post("/jobs/new/preview/", chosen)
    assert labels_of(answer, "set_resolution") == ["480p · $0.25", "720p · price unknown"]
    assert labels_of(answer, "set_mode") == [
        "fast · $0.60",
        "relax · $0.25",
        "turbo · price unknown",
    ]
    answer = page.post("/jobs/new/preview/", chosen | {"set_resolution": "720p"})
    assert labels_of(answer, "set_mode") == [
        "fast · $0.60",
        "relax · price unknown",
        "turbo · price unknown",
    ]
    answer = page.post("/jobs/new/preview/", chosen | {"set_mode": "sideways"})
    assert labels_of(answer, "set_resolution") == ["480p · $0.60", "720p · $0.60"]
    assert labels_of(answer, "set_motion") == ["low", "high"]


def test_length_is_asked_for_where_the_vendor_can_extend_clips(page, form, comet):
    assert "length" not in page.get("/jobs/new/").context["form"].fields
    shown = page.post("/jobs/new/preview/", form | {"account": comet.pk}).context["form"]
    assert [value for value, _label in shown.fields["length"].choices] == [
        "5",
        "9",
        "13",
        "17",
        "21",
    ]


def test_the_button_says_what_all_parts_cost_together(page, form, comet):
    answer = page.post(
        "/jobs/new/preview/", form | {"account": comet.pk, "length": "21", "set_mode": "fast"}
    )
    assertContains(answer, "5 × $0.60 = $3.00")
    assert [field.name for field in answer.context["form"].part_fields] == [
        "part_2", "part_3", "part_4", "part_5",
    ]  # fmt: skip


@pytest.fixture
def press(page, image):
    """Send a page's order form with some fields changed, as a browser would send it."""

    def send_form(answer, where="/jobs/new/preview/", **changes):
        reader = FormReader("/jobs/new/")
        reader.feed(answer.content.decode())
        given = {
            name: value.lstrip() for name, value in reader.fields.items() if not name.endswith("*")
        }
        return page.post(where, given | {"image": str(image.public_id)} | changes)

    return send_form


def words_in(answer) -> dict[str, str]:
    return {
        field.name: field.value() for field in answer.context["form"].part_fields if field.value()
    }


WORDS = {"part_2": "The door opens", "part_5": "The <door> closes"}


def test_prompts_of_parts_outlive_a_shorter_length(page, press, longer):
    shown = page.post("/jobs/new/preview/", longer | {"length": "21", "is_stepwise": "on"} | WORDS)
    for length in ("13", "5", "21"):
        shown = press(shown, length=length)
    assert words_in(shown) == WORDS
    assert shown.context["form"]["is_stepwise"].value()


def test_length_and_prompts_of_parts_outlive_a_vendor_without_extensions(
    page, press, longer, account, comet
):
    shown = page.post("/jobs/new/preview/", longer | {"length": "21"} | WORDS)
    shown = press(shown, account=account.pk)
    assert shown.context["form"].part_fields == []
    shown = press(shown, account=comet.pk)
    assert shown.context["form"]["length"].value() == "21"
    assert words_in(shown) == WORDS


def test_another_project_changes_the_images_and_nothing_else(page, press, longer, comet, team):
    another = a_project(team)
    only = an_image(team, another)
    chosen = {"length": "21", "is_urgent": "on", "is_stepwise": "on", "set_chaos": "7"} | WORDS
    shown = page.post("/jobs/new/preview/", longer | chosen)
    answer = press(shown, project=str(another.public_id))
    form = answer.context["form"]
    assert (form.project, form.vendor_account) == (another, comet)
    assert form["text"].value() == "Slow dolly in"
    assert words_in(answer) == WORDS
    assert {name: form[name].value() for name in ("length", "is_urgent", "is_stepwise")} == {
        "length": "21",
        "is_urgent": "on",
        "is_stepwise": "on",
    }
    assert [picture for picture, is_chosen in form.pictures if is_chosen] == [only]
    assert answer["HX-Push-Url"] == f"/jobs/new/?project={another.public_id}"
    assertContains(answer, f'action="/jobs/new/?project={another.public_id}"')
    assertContains(answer, "5 × $0.60 = $3.00")
    assert Job.objects.count() == 0


def test_prompts_of_parts_beyond_the_length_are_not_ordered(page, press, longer, account):
    shown = page.post("/jobs/new/preview/", longer | {"length": "21"} | WORDS)
    shown = press(shown, length="9")
    assert press(shown, "/jobs/new/").status_code == 302
    assert list(Job.objects.order_by("part").values_list("prompt_text", flat=True)) == [
        "Slow dolly in",
        "The door opens",
    ]
    shown = press(
        page.post("/jobs/new/preview/", longer | {"length": "21"} | WORDS), account=account.pk
    )
    assert press(shown, "/jobs/new/").status_code == 302
    assert Job.objects.count() == 3


def test_parts_are_ordered_as_a_chain_and_one_left_empty_has_the_words_of_the_first(page, longer):
    answer = page.post(
        "/jobs/new/",
        longer
        | {"length": "13", "quoted_price": "1.8", "part_3": "The door opens", "is_stepwise": "on"},
    )
    first, second, third = Job.objects.order_by("part")
    assert answer["Location"] == first.get_absolute_url()
    assert [job.prompt_text for job in (first, second, third)] == [
        "Slow dolly in",
        "Slow dolly in",
        "The door opens",
    ]
    assert [job.state for job in (first, second, third)] == [
        State.QUEUED,
        State.PLANNED,
        State.PLANNED,
    ]
    assert first.chain.is_stepwise


def test_a_length_whose_price_was_not_shown_comes_back_with_fields_for_its_parts(page, longer):
    answer = page.post("/jobs/new/", longer | {"quoted_price": "0.6"})
    assertContains(answer, "2 parts cost $1.20", status_code=422)
    assertContains(answer, 'name="part_2"', status_code=422)
    assert Job.objects.count() == 0


def test_faults_in_a_part_come_back_with_what_was_typed(page, longer):
    faults = [("part_2", "Go on --motion high"), ("part_2", "x" * 4001), ("length", "7")]
    for field, value in faults:
        with case(f"{field}={value[:20]}"):
            answer = page.post("/jobs/new/", longer | {field: value}, headers=OF_HTMX)
            assertContains(answer, "Slow dolly in", status_code=422)
    assert Job.objects.count() == 0


def test_a_budget_that_is_nearly_used_up_says_what_is_left_and_what_does_not_fit(
    page, producer, team, form
):
    budgets.set_budget(producer, period=Period.MONTH, limit_usd=Decimal("0.20"), warn_percent=10)
    a_job(team, State.QUEUED, price=Decimal("0.10"))
    answer = page.get("/jobs/new/")
    assertContains(answer, "$0.10 left of $0.20.")
    assertContains(answer, "This order is over the budget.")
    answer = page.post("/jobs/new/", form)
    assert answer.status_code == 422
    assertContains(answer, "Slow dolly in", status_code=422)
    assert Job.objects.filter(prompt_text="Slow dolly in").count() == 0


def test_a_chain_that_does_not_fit_a_budget_is_refused_as_a_whole(page, producer, longer):
    budgets.set_budget(producer, period=Period.TOTAL, limit_usd=Decimal(2), warn_percent=80)
    answer = page.post("/jobs/new/", longer | {"length": "21", "quoted_price": "3.0"})
    assertContains(answer, "The 5 parts cost $3.00, but the budget of", status_code=422)
    assertContains(answer, "has only $2.00 of $2.00 left", status_code=422)
    assertContains(answer, "$2.00 left of $2.00.", status_code=422)
    assertContains(answer, "This order is over the budget.", status_code=422)
    assert Job.objects.count() == 0


def test_what_has_no_price_is_refused_at_the_setting_that_decides_it_where_a_budget_applies(
    page, producer, comet, form
):
    budgets.set_budget(producer, period=Period.TOTAL, limit_usd=Decimal("0.01"), warn_percent=80)
    turbo = form | {"account": comet.pk, "set_mode": "turbo", "quoted_price": "None"}
    assertContains(page.post("/jobs/new/preview/", turbo), "so the budget blocks it")
    answer = page.post("/jobs/new/", turbo)
    assert answer.status_code == 422
    assert "has no known price" in answer.context["form"].errors["set_mode"][0]
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    ("moderated", "words"), [(7, None), (8, "8 of 10"), (10, "You have reached your limit")]
)
def test_moderation_near_its_limit_is_warned_of_and_forbids_nothing(
    page, form, job_in, moderated, words
):
    for _ in range(moderated):
        job_in(State.AT_VENDOR).move(State.MODERATED)
    answer = page.get("/jobs/new/")
    if words:
        assertContains(answer, words)
    else:
        assertNotContains(answer, "moderated jobs today")
    assert page.post("/jobs/new/", form).status_code == 302


def test_only_todays_moderated_jobs_of_this_vendor_count(
    team, account, comet, django_assert_num_queries
):
    a_job(team, State.AT_VENDOR, account=account).move(State.MODERATED)
    a_job(team, State.AT_VENDOR, account=an_account(team)).move(State.MODERATED)
    a_job(team, State.AT_VENDOR, account=comet).move(State.MODERATED)
    old = a_job(team, State.MODERATED, account=account)  # nobody moved it today
    assert not Event.objects.filter(subject_id=old.public_id).exists()
    with django_assert_num_queries(1):
        assert moderated_today(account) == 2


def test_an_order_once_more_begins_with_what_was_ordered(page, job_in):
    job = job_in(State.FAILED, prompt_text="The gull lands")
    assertContains(page.get("/jobs/new/", {"again": str(job.public_id)}), "The gull lands")


@pytest.fixture
def plan(page, longer):
    """Three parts that were ordered together, to be gone on with step by step."""
    words = {
        "length": "13",
        "quoted_price": "1.8",
        "part_2": "It turns",
        "part_3": "It leaves",
        "is_stepwise": "on",
    }
    page.post("/jobs/new/", longer | words)
    return list(Job.objects.order_by("part"))


def test_a_longer_clip_once_more_begins_with_its_length_and_the_words_of_every_part(page, plan):
    answer = page.get("/jobs/new/", {"again": str(plan[0].public_id)})
    form = answer.context["form"]
    assert form["text"].value() == "Slow dolly in"
    assert [field.value() for field in form.part_fields] == ["It turns", "It leaves"]
    assert (form["length"].value(), form["is_stepwise"].value()) == ("13", True)
    assertContains(answer, "3 × $0.60 = $1.80")


def test_a_later_part_once_more_does_not_become_a_first_one(page, plan):
    Job.objects.update(state=State.CANCELLED)
    answer = page.get("/jobs/new/", {"again": str(plan[2].public_id)})
    form = answer.context["form"]
    assert form["text"].value() == "Slow dolly in"
    assert [field.value() for field in form.part_fields] == ["It turns", "It leaves"]
    assertContains(answer, "from its first part on")


def test_a_later_part_that_has_lost_the_one_before_it_says_that_it_begins_anew(page, plan):
    Job.objects.filter(pk=plan[2].pk).update(extends=None)
    answer = page.get("/jobs/new/", {"again": str(plan[2].public_id)})
    assert answer.context["form"]["text"].value() == "It leaves"
    assertContains(answer, "no longer here. This orders a first part")


def test_the_form_needs_no_script(page, longer):
    idempotency_key = str(uuid4())
    first = page.post(
        "/jobs/new/", longer | {"quoted_price": "0.6", "idempotency_key": idempotency_key}
    )
    quoted_price = first.context["total"]
    second = page.post(
        "/jobs/new/",
        longer | {"quoted_price": str(quoted_price), "idempotency_key": idempotency_key},
    )
    assert second.status_code == 302
    assert Job.objects.count() == 2
