"""Webhooks are hints: they make us poll the vendor, whose own answer is what counts.

A vendor job id that a person has entered is a hint as well.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.models import Job, Submission
from apps.jobs.models.submissions import reference_in
from apps.jobs.states import ENDED, State, SubmissionOutcome
from apps.jobs.tasks import dispatch_lanes, dispatch_webhook_polls
from apps.teams.models import Member
from apps.teams.roles import Permission
from apps.teams.scoping import everywhere
from apps.vendors.errors import BadSignature
from apps.vendors.http import valid_job_id
from apps.vendors.registry import parse_webhook
from apps.vendors.types import WebhookHint

ENOUGH = timedelta(seconds=0.3)  # a flood of webhooks causes no flood of searches
HEARD, FORGED, NOBODYS = 204, 401, 404


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A vendor's call as it came in; `word` is the signed reference of a submission."""

    kind: str
    word: str
    headers: Mapping[str, str]
    body: bytes


def receive_webhooks(calls: Sequence[WebhookRequest]) -> list[int]:
    """Take some calls at once; return for each an HTTP status: heard, forged, or about nothing of ours."""
    with everywhere():
        submissions = _submissions(calls)
        hints = [_hint(call, submissions.get((call.kind, call.word))) for call in calls]
        news = {submission for submission, hint in hints if submission and hint and hint.has_news}
        taken = {
            submission for submission in news if submission.outcome == SubmissionOutcome.ACCEPTED
        }
        _note_webhooks(list(taken))
        for submission, hint in hints:
            if submission and hint and submission.outcome != SubmissionOutcome.ACCEPTED:
                note_hint(submission, hint)
    return [
        NOBODYS if submission is None else FORGED if hint is None else HEARD
        for submission, hint in hints
    ]


def _submissions(calls: Sequence[WebhookRequest]) -> dict[tuple[str, str], Submission]:
    words = {reference_in(call.word): call.word for call in calls}
    rows = Submission.objects.filter(reference__in=words.keys() - {""}).select_related(
        "job__account"
    )
    return {(submission.job.vendor, words[submission.reference]): submission for submission in rows}


def _hint(
    call: WebhookRequest, submission: Submission | None
) -> tuple[Submission | None, WebhookHint | None]:
    if submission is None:
        return None, None
    try:
        secrets = submission.job.account.webhook_secrets
        derivation = settings.HOOK_KEY_DERIVATION
        return submission, parse_webhook(
            call.kind,
            call.headers,
            call.body,
            secrets=secrets,
            now=time.time(),
            derivation=derivation,
        )
    except (BadSignature, DomainError):  # the second: our own copy of its secret cannot be read
        return submission, None


@transaction.atomic
def _note_webhooks(submissions: Sequence[Submission]) -> None:
    """Note that there may be news of jobs at their vendor; a call that repeats itself, or lies, changes nothing else.

    Jobs that have ended have their second looks, which no number of calls uses up.
    """
    if not submissions:
        return
    now = timezone.now()
    jobs = Job.objects.filter(
        pk__in=[submission.job_id for submission in submissions], state=State.AT_VENDOR
    )
    jobs.lock()
    # One that is called about already may be being asked about right now: this call is later than
    # that question.
    if jobs.update(webhook_at=now):
        lanes = {submission.job.account.lane_id for submission in submissions}
        transaction.on_commit(partial(dispatch_webhook_polls, lanes), robust=True)


@transaction.atomic
def name_at_vendor(member: Member, submission: Submission, vendor_job_id: str) -> None:
    """Look for a submission under the id that somebody has read in the vendor's own list.

    What no call tells of, and no list can be asked for, is found that way. Only the vendor can
    confirm it.
    """
    member.require(Permission.CREATE)
    job, offer = submission.job, submission.job.account.offer
    if offer.can_find_orders:
        raise DomainError(_("We search %s's list automatically.") % offer.vendor_name)
    if not valid_job_id(vendor_job_id):
        raise DomainError(
            _("No job has such an id there: it is one word of at most 200 characters.")
        )
    holder = Job.objects.filter(
        account__lane=job.account.lane_id, vendor_job_id=vendor_job_id
    ).first()
    if holder:
        raise DomainError(_("That is the id of a job that is here: %s.") % holder)
    record("named", job, actor=member.user, id=vendor_job_id)
    note_hint(submission, WebhookHint(vendor_job_id=vendor_job_id))


@transaction.atomic
def note_hint(submission: Submission, hint: WebhookHint) -> None:
    """Note the vendor job id that a webhook names, and search for it; the vendor has to confirm it."""
    now = timezone.now()
    unknown = Submission.objects.filter(pk=submission.pk).exclude(
        outcome=SubmissionOutcome.ACCEPTED
    )
    moved = unknown.exclude(hinted_id=hint.vendor_job_id).update(hinted_id=hint.vendor_job_id)
    moved += unknown.filter(outcome=SubmissionOutcome.UNKNOWN, search_at__gt=now + ENOUGH).update(
        search_at=now
    )
    # We took it for never arrived, and the vendor knows its reference: it is looked for after all. So is
    # one that was looked for no more; what has just been sent waits for its own answer.
    ended = unknown.filter(
        outcome=SubmissionOutcome.NOT_RECEIVED, job__state__in=ENDED, job__vendor_job_id=""
    )
    underway = Q(job__state=State.SUBMITTING, job__submission_number=F("number"))
    left = unknown.filter(outcome=SubmissionOutcome.UNKNOWN, search_at=None).exclude(underway)
    moved += ended.update(outcome=SubmissionOutcome.UNKNOWN, search_at=now) + left.update(
        search_at=now
    )
    if moved:
        transaction.on_commit(
            partial(dispatch_lanes, [submission.job.account.lane_id]), robust=True
        )
