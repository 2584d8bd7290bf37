"""The people of the drill, who use the services that pages call: `python -m tests.drill.people`.

They run in a process of their own against the drilled installation. Each line of its input is a
deed, `{"deed": "act", "seed": 7, "seconds": 3}`, answered by a line of JSON when it is done.
"""

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import django

django.setup()

from django.db import OperationalError, connection  # noqa: E402
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.budgets.models import Budget, LedgerEntry  # noqa: E402
from apps.core.errors import DomainError  # noqa: E402
from apps.jobs import services  # noqa: E402
from apps.jobs.models import Job, Lane, Output, Submission, VendorAccount  # noqa: E402
from apps.jobs.states import State, SubmissionOutcome  # noqa: E402
from apps.jobs.workers.submission_attempt import UNCONFIRMED_AFTER  # noqa: E402
from apps.projects.models import Image  # noqa: E402
from apps.teams.models import Member  # noqa: E402
from apps.teams.scoping import everywhere, within  # noqa: E402

PATIENCE_SECONDS = 60.0
ENOUGH_SEARCHES = 3


def press_until_answered(deed, *arguments: Any, **options: Any) -> Any:
    """Do it again while the database is away, as somebody does who presses the button again."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return deed(*arguments, **options)
        except OperationalError:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def order(member: Member, given: dict[str, Any]) -> None:
    """Order what the plan says, and press twice or cancel at once where it says so."""
    Budget.objects.update(limit_usd=1_000_000)  # that a budget stops is held by other tests
    pace = float(given["seconds"]) / max(1, len(given["orders"]))
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as hands:
        for number, one in enumerate(given["orders"]):
            time.sleep(max(0.0, begun + number * pace - time.monotonic()))
            presses = [hands.submit(_press, member, one) for _ in range(2 if one["twice"] else 1)]
            job = presses[0].result()
            assert {press.result() for press in presses} == {job}, "a doubled press ordered twice"
            if one["cancel"]:
                with suppress(DomainError):
                    press_until_answered(services.cancel, member, Job.objects.get(pk=job))


def _press(member: Member, one: dict[str, Any]) -> int:
    with within(member.team):
        account = VendorAccount.objects.get(kind=one["kind"], is_sandbox=True)
        image = Image.objects.order_by("pk")[one["image"] % Image.objects.count()]
        request = services.OrderRequest(
            idempotency_key=UUID(one["idempotency_key"]),
            image=image,
            account=account,
            text=one["text"],
            parameters={},
            further=one["further"],
            is_urgent=one["urgent"],
        )
        job = press_until_answered(services.order, member, request)
        return int(job.pk)


def act(member: Member, given: dict[str, Any]) -> None:
    """Decide about unconfirmed jobs, as people do after a while, knowing what it may cost."""
    draw, until = random.Random(given["seed"]), time.monotonic() + given["seconds"]
    while time.monotonic() < until:
        doubtful = Submission.objects.filter(
            outcome=SubmissionOutcome.UNKNOWN,
            search_count__gte=ENOUGH_SEARCHES,
            job__state=State.UNCONFIRMED,
            job__submission_number=F("number"),
        )
        for submission in doubtful.select_related("job__account"):
            verb = (
                services.send_again
                if draw.random() < 0.5 and submission.number < 3
                else services.give_up
            )
            with suppress(DomainError):
                press_until_answered(verb, member, submission.job)
        time.sleep(0.5)


def age(_member: Member, given: dict[str, Any]) -> None:
    """Let the days pass that a vendor keeps its jobs: every moment in the rows moves back."""
    past, now = timedelta(days=given["days"]), timezone.now()
    moments = ("created_at", "submitted_at", "accepted_at", "vendor_created_at", "done_at")
    jobs = Job.objects.exclude(state__in=[State.SAVED])
    jobs.update(**{name: F(name) - past for name in moments})
    moving = jobs.filter(state__in=[State.AT_VENDOR, State.SUBMITTING])
    moving.update(next_step_at=now)
    Output.objects.downloading().update(next_try_at=now)
    Submission.objects.update(sent_at=F("sent_at") - past, searched_at=F("searched_at") - past)
    Submission.objects.filter(outcome=SubmissionOutcome.UNKNOWN, search_at__isnull=False).update(
        search_at=now
    )


def hurry(_member: Member, given: dict[str, Any]) -> None:
    """Let the minutes pass after which an order without an answer is unconfirmed.

    Orders that left before the worker was started last were sent by one that is dead.
    """
    now = timezone.now()
    worker_started_at = datetime.fromtimestamp(given["worker_started_at"], UTC)
    Job.objects.filter(state=State.SUBMITTING, submitted_at__lt=worker_started_at).update(
        submitted_at=F("submitted_at") - UNCONFIRMED_AFTER
    )
    Lane.objects.filter(paused_until__gt=now).update(paused_until=now)
    Job.objects.filter(next_step_at__isnull=False).update(next_step_at=now)
    Output.objects.downloading().update(next_try_at=now)
    Submission.objects.filter(outcome=SubmissionOutcome.UNKNOWN, search_at__isnull=False).update(
        search_at=now
    )


def name(member: Member, given: dict[str, Any]) -> None:
    """Read in the vendor's own list the ids of orders that it tells nobody of, and name them."""
    for submission in Submission.objects.filter(
        reference__in=given["ids"], outcome=SubmissionOutcome.UNKNOWN
    ).select_related("job"):
        with suppress(DomainError):  # it was found meanwhile; if not, that is counted in the end
            press_until_answered(
                services.name_at_vendor, member, submission, given["ids"][submission.reference]
            )


def settle(member: Member, given: dict[str, Any]) -> None:
    """Read in the sandbox what the vendor tells nobody over HTTP, and enter what it cost."""
    charged = set(given["charged"])
    for submission in Submission.objects.filter(
        outcome=SubmissionOutcome.UNKNOWN, search_at=None
    ).select_related("job"):
        with suppress(DomainError):  # it has not ended: that is counted in the end
            press_until_answered(
                services.settle, member, submission.job, was_charged=submission.reference in charged
            )


def dump(_member: Member, _given: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what our database has."""
    jobs = Job.objects.values(
        "pk", "public_id", "state", "vendor", "vendor_job_id", "prompt_text", "is_late", "reason"
    )
    submissions = Submission.objects.values(
        "job_id", "number", "reference", "outcome", "search_count", "sent_at"
    )
    clips = Output.objects.values(
        "job_id", "take", saved=F("clip__saved_at"), lost=F("given_up_at")
    )
    ledger = LedgerEntry.objects.values("order", "submission_number", "kind", "held", "spent")
    rows = {"jobs": jobs, "submissions": submissions, "clips": clips, "ledger": ledger}
    return {name: list(found) for name, found in rows.items()}


DEEDS = {deed.__name__: deed for deed in (order, act, age, hurry, name, settle, dump)}


def main() -> None:
    """Do one deed after the other, until there are no more."""
    with everywhere():
        creator = Member.objects.select_related("team", "user").get(
            user__email="creator@mjweb.example"
        )
        with within(creator.team):
            for line in sys.stdin:
                given = json.loads(line)
                answer = DEEDS[given.pop("deed")](creator, given)
                print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()
