"""Whatever happens to jobs, in any order, however often: each is paid once, no clip is lost."""

from base64 import b64encode
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.budgets.models import LedgerEntry, Price
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Job, Lane, Output, Submission, VendorRequest
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.states import ENDED, RequestKind, State, SubmissionOutcome
from apps.jobs.workers import saving, stopping, submitting
from apps.jobs.workers.polling import poll_due
from apps.jobs.workers.reconciling import reconcile_due
from apps.jobs.workers.reports import apply_reports
from apps.jobs.workers.submission_attempt import SubmissionAttempt
from apps.teams.scoping import within
from apps.vendors import registry
from apps.vendors.errors import VendorError
from apps.vendors.types import Progress, Receipt, StopResult, WebhookHint
from tests.jobs.ledger_vendor import MANNERS, PRICE, LedgerVendor, Taken
from tests.support.factories import a_film, an_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("films_examined_once")]
HOUR, WEEK = timedelta(hours=1), timedelta(days=8)
ANY = st.integers(0, 99)
ENDS = [Progress.DONE, Progress.FAILED, Progress.MODERATED]
AT_VENDOR = {State.AT_VENDOR}
WAITING = {State.PLANNED, State.QUEUED, State.SUBMITTING, State.UNCONFIRMED}


@dataclass
class Underway:
    """An order whose answer has not come yet; if its worker dies, it never will."""

    attempt: SubmissionAttempt
    answer: Receipt | VendorError


def where(*states: State):
    """Choose a rule only while some job stands in one of these states."""
    return precondition(lambda machine: machine.states & set(states))


def vendor_has(*progress: Progress):
    """Choose a rule only while the vendor has such a job."""
    return precondition(lambda machine: machine.job_at_vendor(0, *progress))


class JobMachine(RuleBasedStateMachine):
    """Everything that can happen to the jobs of one lane."""

    team = member = image = account = None  # set by the test
    film = "data:video/mp4;base64,"
    repeats = "image"

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.scope = within(self.team)
        self.scope.__enter__()
        self.vendor = LedgerVendor(self.film, repeats=self.repeats)
        entry = registry.VENDORS[self.account.kind]
        registry.VENDORS[self.account.kind] = replace(entry, client=lambda **_: self.vendor)
        self.underway: list[Underway] = []
        self.states: set[State] = set()
        self.forms = [uuid4() for _ in range(3)]

    def teardown(self) -> None:
        self.scope.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # What is there

    @property
    def lane(self) -> Lane:
        """The lane, without the pauses that no test wants to wait for."""
        Lane.objects.update(paused_until=None, failure_count=0)
        return Lane.objects.get(pk=self.account.lane_id)

    def job(self, number: int, *states: State) -> Job | None:
        jobs = Job.objects.filter(state__in=states or State.values).order_by("pk")
        jobs = list(jobs.select_related("account__lane", "image", "chain"))
        return jobs[number % len(jobs)] if jobs else None

    @property
    def has_no_clips(self) -> bool:
        return any(
            job.progress is Progress.DONE and not job.outputs for job in self.vendor.jobs.values()
        )

    def job_at_vendor(self, number: int, *progress: Progress) -> Taken | None:
        jobs = [
            job
            for job in self.vendor.jobs.values()
            if job.progress in progress and not job.is_forgotten
        ]
        return jobs[number % len(jobs)] if jobs else None

    # What people do

    @initialize()
    def two_orders(self) -> None:
        self.order(form=0, words=0)
        self.order(form=1, words=0)

    @rule(form=st.integers(0, 2), words=st.integers(0, 1))
    def order(self, form: int, words: int) -> None:
        request = services.OrderRequest(
            idempotency_key=self.forms[form],
            image=self.image,
            account=self.account,
            text=f"Pan {words}",
        )
        services.order(self.member, request)

    @where(State.QUEUED, State.AT_VENDOR)
    @rule(number=ANY)
    def cancel(self, number: int) -> None:
        if job := self.job(number):
            with suppress(DomainError):
                services.cancel(self.member, job)

    @where(State.UNCONFIRMED)
    @rule(number=ANY, clicks=st.integers(1, 2))
    def send_again(self, number: int, clicks: int) -> None:
        windows = [job for _ in range(clicks) if (job := self.job(number, State.UNCONFIRMED))]
        for job in windows:
            with suppress(DomainError):
                services.send_again(self.member, job)

    @where(State.UNCONFIRMED)
    @rule(number=ANY)
    def give_up(self, number: int) -> None:
        if job := self.job(number, State.UNCONFIRMED):
            services.give_up(self.member, job)

    @where(*ENDED)
    @rule(number=ANY, form=st.integers(0, 2))
    def retry(self, number: int, form: int) -> None:
        if job := self.job(number, *ENDED):
            services.retry(self.member, job, self.forms[form])

    # What workers do

    @where(State.QUEUED)
    @rule(manner=st.sampled_from(sorted(MANNERS)))
    def place(self, manner: str) -> None:
        self.vendor.manner = manner
        Job.objects.filter(state=State.QUEUED).update(next_step_at=timezone.now())
        submitting.submit_due(self.lane)

    @where(State.QUEUED)
    @rule(number=ANY, manner=st.sampled_from(sorted(MANNERS)))
    def begin_to_place(self, number: int, manner: str) -> None:
        self.vendor.manner = manner
        if job := self.job(number, State.QUEUED):
            attempt = SubmissionAttempt(job)
            with suppress(AssertionError):
                self.underway.append(Underway(attempt, async_to_sync(self._answer)(attempt)))

    async def _answer(self, attempt: SubmissionAttempt) -> Receipt | VendorError:
        order = await attempt.prepare(self.vendor)
        assert order
        try:
            return await self.vendor.submit(order)
        except VendorError as trouble:
            return trouble

    @precondition(lambda self: self.underway)
    @rule(number=ANY)
    def the_answer_comes(self, number: int) -> None:
        one = self.underway.pop(number % len(self.underway))
        if isinstance(one.answer, Receipt):
            one.attempt.record_receipt(one.answer)
        else:
            one.attempt.record_vendor_error(one.answer)

    @where(State.SUBMITTING)
    @rule(number=ANY)
    def mark_unconfirmed(self, number: int) -> None:
        if job := self.job(number, State.SUBMITTING):
            Job.objects.filter(pk=job.pk).update(
                submitted_at=timezone.now() - submitting.UNCONFIRMED_AFTER
            )
            submitting.mark_unconfirmed(Job.objects.get(pk=job.pk))

    @rule()
    def reconcile_due(self) -> None:
        Submission.objects.filter(search_at__isnull=False).update(search_at=timezone.now())
        reconcile_due(self.lane)

    @where(State.AT_VENDOR)
    @rule()
    def poll_due(self) -> None:
        Job.objects.filter(state=State.AT_VENDOR).update(next_step_at=timezone.now())
        poll_due(self.lane)

    @where(State.SAVING)
    @rule(number=ANY, luck=st.sampled_from(["fine", "dead address"]))
    def save(self, number: int, luck: str) -> None:
        coming = Output.objects.filter(clip=None, given_up_at=None)
        outputs = list(coming.select_related("job__account", "job__chain").order_by("pk"))
        if not outputs:
            return
        output = outputs[number % len(outputs)]
        if luck == "dead address":
            output.vendor_url = "data:,gone"
        saving.save(output)

    @where(State.AT_VENDOR)
    @rule(number=ANY, mood=st.sampled_from(StopResult))
    def stop(self, number: int, mood: StopResult) -> None:
        self.vendor.stops = mood
        if job := self.job(number):
            VendorRequest.objects.ask(job, RequestKind.STOP)
            requests = VendorRequest.objects.select_related("job__account__lane", "job__chain")
            stopping.stop(requests.get(job=job))

    # What the vendor does

    @vendor_has(Progress.RUNNING)
    @rule(number=ANY, progress=st.sampled_from(ENDS), outputs=st.integers(0, 3))
    def it_ends(self, number: int, progress: Progress, outputs: int) -> None:
        if job := self.job_at_vendor(number, Progress.RUNNING):
            self.vendor.end(job, progress, outputs if progress is Progress.DONE else 0)

    @vendor_has(Progress.FAILED, Progress.MODERATED, Progress.CANCELLED)
    @rule(number=ANY)
    def it_finishes_what_had_failed(self, number: int) -> None:
        if job := self.job_at_vendor(
            number, Progress.FAILED, Progress.MODERATED, Progress.CANCELLED
        ):
            self.vendor.end(job, Progress.DONE, 1)

    @precondition(lambda machine: machine.has_no_clips)
    @rule(number=ANY)
    def it_shows_the_clip_later(self, number: int) -> None:
        bare = [
            job
            for job in self.vendor.jobs.values()
            if job.progress is Progress.DONE and not job.outputs
        ]
        bare[number % len(bare)].outputs = 1

    @vendor_has(Progress.RUNNING)
    @rule(number=ANY)
    def it_forgets(self, number: int) -> None:
        if job := self.job_at_vendor(number, Progress.RUNNING):
            job.is_forgotten = True

    @vendor_has(*Progress)
    @rule(number=ANY)
    def its_list_changes(self, number: int) -> None:
        if job := self.job_at_vendor(number, *Progress):
            job.is_listed = not job.is_listed

    @vendor_has(*Progress)
    @rule(number=ANY, forged=ANY, is_forged=st.booleans())
    def it_calls(self, number: int, forged: int, is_forged: bool) -> None:
        job = self.job_at_vendor(number, *Progress)
        submission = Submission.objects.filter(reference=job.mark).first() if job else None
        if job and submission:
            vendor_job_id = f"v-{forged % 10}" if is_forged else job.id
            services.note_hint(submission, WebhookHint(vendor_job_id=vendor_job_id))

    @rule()
    def an_hour_goes_by(self) -> None:
        Submission.objects.update(sent_at=F("sent_at") - HOUR, searched_at=F("searched_at") - HOUR)

    @rule()
    def its_list_grows_too_long_or_is_read_again(self) -> None:
        self.vendor.is_crowded = not self.vendor.is_crowded

    @rule()
    def a_week_goes_by(self) -> None:
        Submission.objects.update(sent_at=F("sent_at") - WEEK, searched_at=F("searched_at") - WEEK)
        clocks = ("accepted_at", "done_at", "created_at")
        Job.objects.update(**{clock: F(clock) - WEEK for clock in clocks})

    @rule()
    def its_list_tells_what_nobody_asked(self) -> None:
        lane = self.lane
        apply_reports(lane, self.vendor.list(), PollSchedule(lane))

    # What is always true

    @invariant()
    def every_state_is_known(self) -> None:
        self.states = {State(state) for state in Job.objects.values_list("state", flat=True)}

    @invariant()
    def what_the_vendor_took_is_known_once_or_looked_for(self) -> None:
        ours = Counter(
            Job.objects.exclude(vendor_job_id="").values_list("vendor_job_id", flat=True)
        )
        assert set(ours) <= set(self.vendor.jobs)
        assert not [job for job, count in ours.items() if count > 1]
        submissions = {submission.reference: submission for submission in Submission.objects.all()}
        for job in self.vendor.jobs.values():
            submission = submissions[job.mark]
            old = timezone.now() - submission.sent_at > timedelta(days=7)
            assert job.id in ours or submission.outcome == SubmissionOutcome.UNKNOWN or old

    @invariant()
    def no_submission_is_ordered_twice(self) -> None:
        marks = Counter(job.mark for job in self.vendor.jobs.values())
        assert set(marks.values()) <= {1}

    @invariant()
    def nothing_is_held_for_what_is_settled(self) -> None:
        sums = (
            LedgerEntry.objects.values("order", "submission_number")
            .annotate(held=Sum("held"))
            .order_by()
        )
        jobs = {job.public_id: job for job in Job.objects.all()}
        unknown = set(
            Submission.objects.filter(outcome=SubmissionOutcome.UNKNOWN).values_list(
                "job__public_id", "number"
            )
        )
        for row in sums:
            job, number = jobs[row["order"]], row["submission_number"]
            open_ = job.state in WAITING | AT_VENDOR and number == max(job.submission_number, 1)
            may_hold = open_ or (job.public_id, number) in unknown
            assert row["held"] in ({0, PRICE} if may_hold else {0}), (job.state, number)
            if open_ and not job.is_late:
                assert row["held"] == PRICE

    @invariant()
    def what_was_spent_is_what_the_vendor_charged(self) -> None:
        spent = {
            row["order"]: row["sum"]
            for row in LedgerEntry.objects.values("order").annotate(sum=Sum("spent")).order_by()
        }
        for job in Job.objects.all():
            if job.state in WAITING | AT_VENDOR or not job.vendor_job_id:
                assert (
                    spent[job.public_id] in {0, PRICE} if job.is_late else spent[job.public_id] == 0
                )
            else:
                charged = self.vendor.jobs[job.vendor_job_id].charged_as_told
                assert spent[job.public_id] == charged, (job.state, job.reason)

    @invariant()
    def every_output_has_its_clip(self) -> None:
        for job in Job.objects.filter(state__in=[State.SAVING, State.SAVED]):
            assert job.outputs.count() == self.vendor.jobs[job.vendor_job_id].outputs
            coming = job.outputs.filter(clip=None, given_up_at=None)
            assert coming.exists() == (job.state == State.SAVING)
            assert not coming.filter(next_try_at=None).exists()

    @invariant()
    def whatever_can_go_on_is_due_some_day(self) -> None:
        moving = Job.objects.filter(state__in=[State.QUEUED, State.SUBMITTING, State.AT_VENDOR])
        assert not moving.filter(next_step_at=None).exists()
        # After the vendor's memory a person finds out, where nobody could look in time.
        lost = Submission.objects.filter(
            outcome=SubmissionOutcome.UNKNOWN, search_at=None, sent_at__gt=timezone.now() - WEEK
        )
        assert not lost.exclude(job__state=State.SUBMITTING).exists()


# A few draws after each change; many more where all proofs run.
DRAWS = [
    pytest.param(2, id="few"),
    pytest.param(25, id="many", marks=[pytest.mark.proof, pytest.mark.timeout(600)]),
]


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize("kind", ["wavespeed", "comet"])
def test_in_any_order_of_events_each_job_is_paid_once_and_no_clip_is_lost(
    monkeypatch, creator, image, kind, draws
):
    account = an_account(creator.team, kind=kind)
    Price.objects.create(
        team=creator.team, vendor=kind, model=account.offer.model, usd=PRICE, source="Till."
    )
    monkeypatch.setitem(registry.VENDORS, kind, registry.VENDORS[kind])
    machine = {
        "team": creator.team,
        "member": creator,
        "image": image,
        "account": account,
        "repeats": "image" if kind == "wavespeed" else "mark",
    }
    for name, value in machine.items():
        monkeypatch.setattr(JobMachine, name, value)
    monkeypatch.setattr(JobMachine, "film", "data:video/mp4;base64," + b64encode(a_film()).decode())
    run_state_machine_as_test(
        JobMachine, settings=settings(max_examples=draws, stateful_step_count=30)
    )


INVARIANTS = (
    JobMachine.what_the_vendor_took_is_known_once_or_looked_for,
    JobMachine.no_submission_is_ordered_twice,
    JobMachine.nothing_is_held_for_what_is_settled,
    JobMachine.what_was_spent_is_what_the_vendor_charged,
    JobMachine.every_output_has_its_clip,
    JobMachine.whatever_can_go_on_is_due_some_day,
)
TAKES = ("begin_to_place", {"number": 0, "manner": "takes"})
ANSWER = ("the_answer_comes", {"number": 0})
UNCONFIRMED, AGAIN = ("mark_unconfirmed", {"number": 0}), ("send_again", {"number": 0, "clicks": 2})
FAILS = ("it_ends", {"number": 0, "progress": Progress.FAILED, "outputs": 0})
LIST = ("its_list_tells_what_nobody_asked", {})
STORIES = {
    "failed, refunded, and finished after all": [TAKES, ANSWER, FAILS, LIST,
        ("it_finishes_what_had_failed", {"number": 0}), LIST,
        ("save", {"number": 0, "luck": "fine"})],
    "two answers to one job": [TAKES, UNCONFIRMED, AGAIN, TAKES, ANSWER, ANSWER, LIST],
    "two answers, the second first": [TAKES, UNCONFIRMED, AGAIN, TAKES,
        ("the_answer_comes", {"number": 1}), ANSWER],
    "found before it was sent again": [TAKES, UNCONFIRMED, AGAIN, ("reconcile_due", {}), TAKES],
    "given up, and answered a week later": [TAKES, UNCONFIRMED, ("give_up", {"number": 0}),
        ("a_week_goes_by", {}), ("its_list_changes", {"number": 0}), ("reconcile_due", {}), ANSWER],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_rare_sequences_keep_every_invariant(monkeypatch, creator, image, account, story):
    monkeypatch.setitem(registry.VENDORS, "wavespeed", registry.VENDORS["wavespeed"])
    for name, value in {
        "team": creator.team,
        "member": creator,
        "image": image,
        "account": account,
    }.items():
        monkeypatch.setattr(JobMachine, name, value)
    monkeypatch.setattr(JobMachine, "film", "data:video/mp4;base64," + b64encode(a_film()).decode())
    machine = JobMachine()
    machine.order(form=0, words=0)
    for step, given in STORIES[story]:
        getattr(machine, step)(**given)
        for holds in INVARIANTS:
            holds(machine)
    machine.teardown()
