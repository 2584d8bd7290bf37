"""The page of one job, and the actions on it."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from apps.budgets import services as budgets
from apps.budgets.models import LedgerEntry
from apps.budgets.states import Kind
from apps.core.events import record
from apps.jobs.models import Chain, Job, Submission, VendorRequest
from apps.jobs.models.lanes import CIRCUIT_OPENS_AFTER
from apps.jobs.states import RequestAnswer, RequestKind, State, SubmissionOutcome
from apps.jobs.workers import money
from tests.support.cases import case
from tests.support.factories import a_budget, a_clip, an_account, an_output, client_of

pytestmark = pytest.mark.django_db
OF_HTMX = {"HX-Request": "true", "HX-Target": "job"}


@pytest.fixture
def page(creator):
    return client_of(creator)


@pytest.fixture
def look(page):
    """Read the part of a job's page that htmx refreshes, as plain words: all but the frame."""

    def read_page(job):
        text = page.get(job.get_absolute_url(), headers=OF_HTMX).content.decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))

    return read_page


def press(page, job, deed, **fields):
    return page.post(f"{job.get_absolute_url()}{deed}/", fields)


COSTS = {
    State.QUEUED: "On hold $0.15",
    State.AT_VENDOR: "On hold $0.15",
    State.UNCONFIRMED: "On hold $0.15",
    State.SAVED: "Charged $0.15",
    State.PLANNED: "Unknown",
}


def test_the_cost_is_shown_in_the_ledgers_words(look, job_in):
    for state, words in COSTS.items():
        with case(state):
            assert f"Cost {words}" in look(job_in(state))


def test_a_refund_that_is_expected_and_nothing_charged_are_told_apart(look, job_in, team):
    failed, comet = (
        job_in(State.FAILED),
        job_in(State.FAILED, account=an_account(team, kind="comet")),
    )
    for job in (failed, comet):
        money.settle_without_clip(job, "failed", is_charge_kept=False)
    assert "Refund expected $0.15" in look(failed)
    assert "Nothing charged $0" in look(comet)


def test_a_job_without_a_price_has_an_unknown_cost(look, job_in):
    assert "Cost Unknown" in look(job_in(State.AT_VENDOR, price=None))


def test_a_charge_of_unknown_price_is_corrected_by_a_producer(look, page, producer, job_in):
    job = job_in(State.SAVED, price=None)
    line = LedgerEntry.objects.get(order=job.public_id, kind=Kind.CHARGE)
    address = reverse("budgets:cost", args=[line.pk])
    assertContains(client_of(producer).get(job.get_absolute_url(), headers=OF_HTMX), address)
    assertNotContains(page.get(job.get_absolute_url(), headers=OF_HTMX), address)
    budgets.correct_cost(producer, line, Decimal("0.35"), "the invoice")
    assert "Cost Charged $0.35" in look(job)
    assertNotContains(client_of(producer).get(job.get_absolute_url(), headers=OF_HTMX), address)


def test_while_saving_each_clip_shows_its_progress(look, job_in, team):
    job = job_in(State.SAVING)
    a_clip(team, job, take=1)
    soon = timezone.now() + timedelta(minutes=4)
    an_output(team, job, take=2, fault="The address answered 503.", next_try_at=soon)
    an_output(team, job, take=3)
    an_output(team, job, take=4, next_try_at=None, given_up_at=timezone.now())
    words = look(job)
    assert "1 of 4 saved" in words
    for told in (
        "Next try",
        "The address answered 503.",
        "Downloading",
        "Lost: the vendor deleted its copy",
    ):
        assert told in words
    assert "1 of 4 saved, checksum ok; the rest at the vendor, 6 d left" in words


def test_a_person_enters_the_vendors_job_id_and_a_mistake_is_shown_beside_the_field(
    look, page, job_in, team
):
    there = job_in(State.AT_VENDOR, account=an_account(team, kind="comet"))
    job = job_in(State.UNCONFIRMED, account=there.account)
    assert "Can you see it in CometAPI's list?" in look(job)
    for slip, told in (
        (there.vendor_job_id, "another job here already has this id"),
        ("two words", "a job id is one word"),
    ):
        answer = press(page, job, "name", number="1", vendor_job_id=slip)
        assert answer.status_code == 422
        assertContains(answer, f'value="{slip}"', status_code=422)
        assertContains(answer, 'aria-invalid="true"', status_code=422)
        assert answer.content.decode().lower().count(told) == 2  # above all, and beside its field
    assert (
        press(page, job, "name", number="1", vendor_job_id=" 1795219200123456 ").status_code == 302
    )
    assert job.submissions.get().unverified_job_id == "1795219200123456"
    words = look(job)
    assert "Asking the vendor about 1795219200123456." in words
    assert "Matched to 1795219200123456 at the vendor" in words


def test_a_missing_clip_can_be_downloaded_at_once(look, page, job_in, team):
    job, later = job_in(State.SAVING), timezone.now() + timedelta(minutes=9)
    clip = an_output(team, job, fault="The address answered 404.", next_try_at=later)
    assert "Try now" in look(job)
    press(page, job, "download-now")
    clip.refresh_from_db()
    assert clip.next_try_at <= timezone.now()


def test_a_job_goes_on_without_a_missing_take(look, page, job_in, team):
    job, later = job_in(State.SAVING), timezone.now() + timedelta(minutes=9)
    a_clip(team, job, take=1)
    an_output(team, job, take=2, fault="The address answered 404.", next_try_at=later)
    press(page, job, "stop-downloading")
    job.refresh_from_db()
    assert job.state == State.SAVED
    words = look(job)
    assert "stopped the download" in words
    assert "Stopped downloading missing clips" in words
    assert press(page, job, "stop-downloading").status_code == 422


def test_a_job_does_not_go_on_without_any_take(look, page, job_in, team):
    job = job_in(State.SAVING)
    an_output(team, job, fault="The address answered 404.")
    assert "Continue without them" not in look(job)
    assert press(page, job, "stop-downloading").status_code == 422


def test_the_history_shows_corrections_of_the_cost(look, job_in, creator):
    job = job_in(State.SAVED)
    record("stated", job, actor=creator.user, usd="0.85")
    record("missed", job, actor=creator.user, usd="0.85")
    words = look(job)
    assert "Cost entered: $0.85" in words
    assert "Refund missing" in words


def test_a_download_without_a_fault_offers_no_retry(look, job_in, team):
    job = job_in(State.SAVING)
    an_output(team, job)
    assert "Try now" not in look(job)


def test_the_page_says_where_the_file_is(look, job_in, team):
    assert "At vendor, 6 d left" in look(job_in(State.AT_VENDOR))
    assert "At vendor, expiry unknown" in look(
        job_in(State.AT_VENDOR, account=an_account(team, kind="comet"))
    )
    assert "Saved, checksum ok" in look(job_in(State.SAVED, clips=1))


def test_an_unconfirmed_job_shows_its_searches_and_its_risk(look, page, job_in):
    job = job_in(State.UNCONFIRMED)
    Submission.objects.filter(job=job).update(
        search_count=5, search_at=timezone.now() + timedelta(minutes=6)
    )
    words = look(job)
    assert "Searched 5 times. Next search:" in words
    assert "you are charged twice" in words
    assert "$0.15 stays on hold until we know" in words
    press(page, job, "search-now")
    assert Submission.objects.get(job=job).search_at <= timezone.now()


def test_a_second_unconfirmed_order_counts_in_the_possible_cost(look, page, job_in):
    job = job_in(State.UNCONFIRMED)
    press(page, job, "send-again", last_submission_seen="1")
    second = Submission(
        team=job.team, job=job, number=2, reference="c" * 32, sent_at=timezone.now()
    )
    second.save()
    Job.objects.filter(pk=job.pk).update(state=State.UNCONFIRMED)
    words = look(job)
    assert "The same goes for 2 orders of this job." in words
    assert "The vendor may be working on it and may charge $0.30." in words
    assert "you are charged 3 times" in words
    assert "$0.30 stays on hold" in words
    assertContains(
        page.get(job.get_absolute_url(), headers=OF_HTMX), "the vendor charges $0.45 in total"
    )


def test_the_history_of_a_job_that_was_given_up_says_so(look, page, job_in):
    job = job_in(State.UNCONFIRMED)
    press(page, job, "give-up")
    assert "Given up while unconfirmed" in look(job)


def test_a_failed_try_is_said_to_be_repeated(look, job_in):
    again = "Busy. Retrying automatically."
    assert again in look(job_in(State.QUEUED, reason="Busy."))
    assert again not in look(job_in(State.FAILED, reason="Busy."))


def test_a_cancelled_job_shows_no_old_fault(look, page, job_in):
    job = job_in(State.QUEUED, reason="Busy.")
    press(page, job, "cancel")
    assert "Busy." not in look(job)


def test_two_windows_send_an_unconfirmed_job_again_once(page, job_in):
    job = job_in(State.UNCONFIRMED)
    press(page, job, "send-again", last_submission_seen="1")
    Job.objects.filter(pk=job.pk).update(state=State.UNCONFIRMED)
    assert press(page, job, "send-again", last_submission_seen="1").status_code == 422
    assert Job.objects.get(pk=job.pk).submission_number == 2


def test_a_job_cancelled_before_it_is_sent_again_is_not_said_to_have_never_been_sent(page, job_in):
    job, fresh = job_in(State.UNCONFIRMED), job_in(State.QUEUED)
    press(page, job, "send-again", last_submission_seen="1")
    answer = page.post(f"{job.get_absolute_url()}cancel/", follow=True)
    assertContains(answer, "It is not sent again. The first order may have arrived")
    assertNotContains(answer, "nothing is charged")
    assertContains(
        page.post(f"{fresh.get_absolute_url()}cancel/", follow=True), "nothing is charged"
    )


def test_a_vendor_without_a_list_offers_no_search(look, job_in, team):
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))
    words = look(job)
    assert "CometAPI has no list of orders to search" in words
    assert "Search again now" not in words


def test_an_order_that_was_given_up_is_still_searched_for(page, look, job_in):
    job = job_in(State.UNCONFIRMED)
    press(page, job, "give-up")
    assert Submission.objects.get(job=job).outcome == SubmissionOutcome.UNKNOWN
    assert "We are still searching for it" in look(job)
    assertContains(
        page.get(job.get_absolute_url(), headers=OF_HTMX), "Order again? If the first order arrived"
    )


def test_a_vendor_that_cannot_cancel_offers_no_button(look, job_in):
    words = look(job_in(State.AT_VENDOR))
    assert "WaveSpeedAI can't cancel a job once accepted" in words
    assert "Cancel at the vendor" not in words


def test_another_vendor_can_be_asked_to_stop_and_its_answer_is_shown(look, page, job_in, team):
    job = job_in(State.AT_VENDOR, account=an_account(team, kind="comet"))
    assert "Cancel at the vendor" in look(job)
    press(page, job, "cancel")
    assert "Asking the vendor to cancel …" in look(job)
    job.vendor_requests.get().note_answer(RequestAnswer.TOO_LATE)
    assert "Too late to cancel: the vendor had finished." in look(job)


def test_a_job_that_waits_can_be_made_urgent_and_back(page, job_in):
    job = job_in(State.QUEUED)
    press(page, job, "urgent", is_urgent="yes")
    assert Job.objects.get(pk=job.pk).is_urgent
    press(page, job, "urgent", is_urgent="no")
    assert not Job.objects.get(pk=job.pk).is_urgent


def test_a_retry_pressed_twice_is_one_order(page, job_in):
    job, idempotency_key = job_in(State.FAILED), str(uuid4())
    answers = [
        press(page, job, "retry", idempotency_key=idempotency_key, quoted_price="0.15")["Location"]
        for _ in range(2)
    ]
    again = Job.objects.exclude(pk=job.pk).get()
    assert answers == [again.get_absolute_url()] * 2
    assert again.rerun_of == job


def retry_form(answer):
    """Return what the page's button to retry sends."""
    form = re.search(r'<form[^>]*/retry/".*?</form>', answer.content.decode(), re.DOTALL)[0]
    return dict(
        re.findall(r'name="(idempotency_key|quoted_price|last_order_seen)" value="([^"]*)"', form)
    )


def test_a_retry_from_a_second_tab_asks_first_and_leads_to_the_one_there_is(page, job_in):
    job = job_in(State.FAILED)
    tabs = [retry_form(page.get(job.get_absolute_url(), headers=OF_HTMX)) for _ in range(2)]
    press(page, job, "retry", **tabs[0])
    again = Job.objects.get(rerun_of=job)
    answer = press(page, job, "retry", **tabs[1])
    assertContains(answer, "ordered exactly this since you opened this page", status_code=422)
    assertContains(answer, f'<a href="{again.get_absolute_url()}">', status_code=422)
    assert Job.objects.filter(rerun_of=job).count() == 1
    assert press(page, job, "retry", **retry_form(answer)).status_code == 302
    assert Job.objects.filter(rerun_of=job).count() == 2


def test_a_retry_pressed_again_later_says_that_nothing_was_ordered(page, job_in):
    job, form = job_in(State.FAILED), {"idempotency_key": str(uuid4()), "quoted_price": "0.15"}
    address = f"{job.get_absolute_url()}retry/"
    assertNotContains(page.post(address, form, follow=True), "ordered this job already")
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assertContains(page.post(address, form, follow=True), "ordered this job already")


def test_another_take_is_offered_as_soon_as_a_job_is_ordered_and_not_unconfirmed(page, job_in):
    offers = {
        State.QUEUED: 1,
        State.AT_VENDOR: 1,
        State.SAVED: 1,
        State.UNCONFIRMED: 0,
        State.PLANNED: 0,
    }
    for state, count in offers.items():
        with case(state):
            job = job_in(state)
            answer = page.get(job.get_absolute_url(), headers=OF_HTMX)
            assertContains(answer, f"?again={job.public_id}", count=count)


def test_a_retry_of_a_part_from_a_second_tab_asks_first(page, job_in, team):
    comet = an_account(team, kind="comet")
    before = job_in(State.SAVED, clips=2, account=comet)
    part = job_in(State.FAILED, part=1, extends=before, extends_take=2, account=comet)
    tabs = [retry_form(page.get(part.get_absolute_url(), headers=OF_HTMX)) for _ in range(2)]
    press(page, part, "retry", **tabs[0])
    answer = press(page, part, "retry", **tabs[1])
    assertContains(answer, "ordered exactly this", status_code=422)
    assert Job.objects.filter(extends=before, state=State.QUEUED).count() == 1


def test_a_retry_for_another_price_than_was_shown_orders_nothing(page, job_in):
    job = job_in(State.FAILED)
    answer = page.post(
        f"{job.get_absolute_url()}retry/",
        {"idempotency_key": str(uuid4()), "quoted_price": "0.01"},
        follow=True,
    )
    assertContains(answer, "The price has changed to $0.15. Nothing was ordered")
    assert Job.objects.count() == 1


def test_what_was_moderated_is_to_be_rephrased_not_ordered_once_more_as_it_is(look, job_in, team):
    words = look(job_in(State.MODERATED))
    assert "Rephrase" in words
    assert "Retry" not in words
    comet = an_account(team, kind="comet")
    before = job_in(State.SAVED, clips=1, account=comet)
    part = job_in(State.MODERATED, part=1, extends=before, extends_take=1, account=comet)
    assert "Rephrase" in look(part)
    assert "Retry" not in look(part)


def test_a_part_is_retried_once_the_take_it_extends_is_saved(look, page, job_in, team):
    comet = an_account(team, kind="comet")
    before = job_in(State.SAVED, clips=2, account=comet)
    part = job_in(
        State.FAILED, part=1, extends=before, extends_take=2, account=comet, price=Decimal("0.60")
    )
    assert "Retry" in look(part)
    press(page, part, "retry", idempotency_key=str(uuid4()), quoted_price="0.60")
    again = Job.objects.get(extends=before, state=State.QUEUED)
    assert (again.part, again.extends_take) == (1, 2)
    orphan = job_in(State.CANCELLED, part=2, extends=part, extends_take=1, account=comet)
    assert "Retry" not in look(orphan)


def test_a_retry_says_what_it_costs_with_the_parts_that_follow(look, page, chain):
    first, second, third = chain
    for part, state in ((second, State.FAILED), (third, State.CANCELLED)):
        Job.objects.filter(pk=part.pk).update(
            state=state, reason="The part before it was not made."
        )
    words = look(second)
    assert "Retry 2 × $0.60 = $1.20" in words
    assert "Retry also orders those" in words
    given = retry_form(page.get(second.get_absolute_url(), headers=OF_HTMX))
    press(page, second, "retry", **given | {"quoted_price": "0.60"})
    assert Job.objects.count() == 3
    press(page, second, "retry", **given)
    again = Job.objects.get(extends=first, state=State.QUEUED)
    assert Job.objects.get(extends=again).prompt_text == third.prompt_text


def test_a_late_job_is_marked_until_somebody_has_seen_it(look, page, job_in):
    job = job_in(State.SAVED, is_late=True)
    assert "Arrived late" in look(job)
    press(page, job, "seen")
    assert "Arrived late" not in look(job)


def test_what_a_viewer_may_not_do_is_not_offered(viewer, job_in):
    page = client_of(viewer)
    for state in (State.QUEUED, State.FAILED, State.UNCONFIRMED, State.AT_VENDOR):
        answer = page.get(job_in(state, is_late=True).get_absolute_url())
        text = answer.content.decode()
        assert "<form" not in text[text.index('id="job"') : text.index("</main>")]


def test_a_retry_that_quotes_no_price_orders_nothing(page, job_in):
    job = job_in(State.FAILED)
    for quoted_price in ("", "nonsense", "NaN", "None"):
        with case(quoted_price):
            key = str(uuid4())
            press(page, job, "retry", idempotency_key=key, quoted_price=quoted_price)
            assert Job.objects.count() == 1


def test_a_request_to_stop_that_came_too_late_for_asking_says_so(look, job_in):
    job = job_in(State.SAVED)
    VendorRequest.objects.ask(job, RequestKind.STOP)
    assert "It ended before the vendor could cancel it" in look(job)


@pytest.fixture
def chain(team, project, job_in):
    """A first part that is saved with two takes, and two parts that wait for it."""
    comet = an_account(team, kind="comet")
    made = Chain.objects.create(team=team, project=project, is_stepwise=True)
    common = {
        "chain": made,
        "account": comet,
        "price": Decimal("0.60"),
        "parameters": {"resolution": "480p"},
    }
    parts = [job_in(State.SAVED, clips=2, **common)]
    for number in (1, 2):
        parts.append(
            job_in(State.PLANNED, part=number, extends=parts[-1], extends_take=1, **common)
        )
    return parts


def test_all_parts_of_a_longer_clip_show_their_seconds(look, chain):
    words = look(chain[0])
    for told in ("0–5 s", "5–9 s", "9–13 s", chain[2].prompt_text):
        assert told in words


def test_an_extended_clip_and_its_parts_link_to_each_other(look, page, chain, job_in):
    first, second, _ = chain
    Job.objects.filter(pk=first.pk).update(chain=None)
    for words in (look(second), look(Job.objects.get(pk=first.pk))):
        assert ("0–5 s" in words) != ("Extended by part 2, from take 1" in words)
    assertContains(page.get(second.get_absolute_url(), headers=OF_HTMX), first.get_absolute_url())
    assertContains(page.get(first.get_absolute_url(), headers=OF_HTMX), second.get_absolute_url())


def test_the_next_part_extends_the_chosen_take(look, page, chain):
    first, second, third = chain
    assert "Continue take 2" in look(first)
    assert press(page, second, "go-on", take="7").status_code == 422
    assert press(page, third, "go-on", take="1").status_code == 422
    press(page, second, "go-on", take="2")
    second.refresh_from_db()
    assert (second.state, second.extends_take) == (State.QUEUED, 2)


def test_a_part_shows_what_it_waits_for_and_no_take_before_one_is_chosen(look, chain):
    assert "Waits until someone chooses the take of part 1" in look(chain[1])
    assert "take 1 " not in look(chain[1]).partition("Continues")[2][:20]
    Chain.objects.update(is_stepwise=False)
    assert "Sent when part 2 is saved." in look(chain[2])
    assert "Continues part 2, take 1" in look(chain[2])


def test_a_paid_part_is_called_planned_or_waits_for_a_choice(look, page, chain):
    first, second, third = chain
    for part in chain:
        assert "Draft" not in look(part)
    assert "Waits for your choice" in look(second).partition("Cost")[0]
    assert "Planned" in look(third).partition("Cost")[0]
    assert look(first).count("Waits for your choice") == look(first).count("Planned") == 1
    press(page, first, "stop-chain")
    Chain.objects.update(stopped_at=None, is_stepwise=False)
    Job.objects.filter(pk__in=[second.pk, third.pk]).update(state=State.PLANNED)
    assert "Waits for your choice" not in look(first)


def test_a_longer_clip_says_what_all_of_its_parts_cost_together(look, page, chain):
    first, second, third = chain
    assert "Total for all parts: $1.80, including $1.20 on hold" in look(second)
    press(page, first, "stop-chain")
    assert "Total for all parts: $0.60" in look(third)
    assert "of it $" not in look(third)


def test_a_longer_clip_with_a_part_of_unknown_cost_shows_no_sum(look, chain, job_in):
    job_in(State.AT_VENDOR, chain=chain[0].chain, account=chain[0].account, part=3, price=None)
    assert "Total for all parts: price unknown" in look(chain[0])


def test_no_further_part_is_made_of_a_chain_that_was_stopped(look, page, chain):
    press(page, chain[0], "stop-chain")
    assert [Job.objects.get(pk=part.pk).state for part in chain[1:]] == [State.CANCELLED] * 2
    words = look(chain[0])
    assert "Stopped. No more parts will be made." in words
    assert "Stop after this part" not in words


def test_the_joined_clip_is_linked_and_is_no_take_of_its_part(page, chain, team):
    joined = a_clip(team, chain[0], is_joined=True)
    answer = page.get(chain[0].get_absolute_url(), headers=OF_HTMX)
    assertContains(answer, joined.get_absolute_url(), count=1)
    assert chain[0].clips.count() == 2
    assertNotContains(answer, "3 saved")


def test_a_job_page_costs_the_same_for_one_clip_and_for_many(
    page, chain, team, django_assert_max_num_queries
):
    page.get(chain[0].get_absolute_url())
    with django_assert_max_num_queries(25) as few:
        page.get(chain[0].get_absolute_url())
    for take in range(5, 12):
        a_clip(team, chain[0], take=take)
    with django_assert_max_num_queries(len(few)):
        page.get(chain[0].get_absolute_url())


@pytest.fixture
def unanswerable_job(job_in, team):
    """Give a job that has ended, and whose vendor can no longer be asked whether it took it."""
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"), price=Decimal("0.60"))
    Submission.objects.filter(job=job).update(search_at=None)
    Job.objects.filter(pk=job.pk).update(state=State.FAILED)
    return job


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("yes", ("Charged $0.60", "Marked as charged: yes")),
        ("no", ("Nothing charged $0", "Marked as charged: no")),
    ],
)
def test_a_person_settles_an_order_that_cannot_be_searched_for(
    look, page, unanswerable_job, told, words
):
    before = look(unanswerable_job)
    assert "Until then $0.60 stays on hold" in before
    assert "still searching for it" not in before
    press(page, unanswerable_job, "settle", was_charged=told, number="1")
    after = look(unanswerable_job)
    assert all(one in after for one in words)
    assert "It was charged" not in after
    assert press(page, unanswerable_job, "settle", was_charged="yes", number="1").status_code == 422


def test_an_earlier_submission_of_a_saved_job_can_be_settled(look, page, job_in, team):
    job = job_in(State.SAVED, clips=1, account=an_account(team, kind="comet"))
    Submission.objects.create(team=team, job=job, number=2, outcome=SubmissionOutcome.UNKNOWN)
    budgets.hold(money.purchase_of(job, 2), Decimal("0.60"))
    assert "It was not charged" in look(job)
    press(page, job, "settle", was_charged="no", number="2")
    assert "Cost Charged $0.15" in look(job)


def test_a_searched_submission_and_an_incomplete_form_settle_nothing(
    page, look, job_in, unanswerable_job
):
    for fields in ({}, {"was_charged": "perhaps", "number": "1"}, {"was_charged": "yes"}):
        with case(fields):
            assert press(page, unanswerable_job, "settle", **fields).status_code == 422
    sought = job_in(State.UNCONFIRMED)
    press(page, sought, "give-up")
    assert "It was charged" not in look(sought)
    assert press(page, sought, "settle", was_charged="yes", number="1").status_code == 422
    assert "On hold" in look(sought)


def test_a_viewer_sees_an_unsettled_order_but_cannot_settle_it(viewer, unanswerable_job):
    page = client_of(viewer)
    assertContains(
        page.get(unanswerable_job.get_absolute_url(), headers=OF_HTMX),
        "Until then $0.60 stays on hold",
    )
    assertNotContains(
        page.get(unanswerable_job.get_absolute_url(), headers=OF_HTMX), "It was charged"
    )
    assert press(page, unanswerable_job, "settle", was_charged="yes", number="1").status_code == 403


@pytest.mark.parametrize(
    ("state", "deed"), [(State.UNCONFIRMED, "send-again"), (State.FAILED, "retry")]
)
def test_an_order_that_no_budget_has_room_for_is_refused_on_the_jobs_own_page(
    page, job_in, team, state, deed
):
    job = job_in(state)
    a_budget(team, limit_usd=Decimal("0.01"))
    answer = press(
        page,
        job,
        deed,
        last_submission_seen="1",
        idempotency_key=str(uuid4()),
        quoted_price="0.15",
    )
    assertContains(answer, "Nothing was ordered.", status_code=422)
    assertContains(answer, 'id="job"', status_code=422)
    assert Job.objects.get() == job
    assert Job.objects.get().state == state


def test_a_joined_clip_is_called_joined_and_a_take_by_its_number(team, job_in):
    job = job_in(State.SAVED, image_title="Lake")
    take, joined = a_clip(team, job, take=1), a_clip(team, job, is_joined=True)
    assert (str(take).split()[-1], str(joined).split()[-1]) == ("#1", "joined")
    assert take.file_name.startswith("lake-1-")
    assert joined.file_name.startswith("lake-joined-")


def test_a_queued_job_says_why_it_waits(look, job_in):
    job = job_in(State.QUEUED)
    assert f"when it is next in line at {job.account.name}" in look(job)
    lane = job.account.lane
    lane.orders_per_minute, lane.in_flight = 2, 3
    lane.save()
    assert "3 jobs at once, 2 orders per minute" in look(job)
    lane.pause(timedelta(minutes=5))
    assert "the vendor asked for a pause" in look(job)
    for _ in range(CIRCUIT_OPENS_AFTER):
        lane.record_failure("No answer.")
    assert "Waiting: the vendor is not responding" in look(job)
    assert "Waiting:" not in look(job_in(State.AT_VENDOR, account=job.account))
