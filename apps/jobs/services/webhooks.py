"""Webhooks are hints: they make us poll the vendor, whose own answer is what counts.

A vendor job id that a person has entered is a hint as well.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.database import after_commit
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

# A search that is due within this time is not made earlier: many webhooks cause few searches.
SOON_ENOUGH = timedelta(seconds=0.3)
# HTTP statuses: noted, not signed by the vendor, and about no submission of ours.
ACCEPTED = 204
BAD_SIGNATURE = 401
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A webhook as the vendor sent it; `word` is the signed reference of a submission."""

    kind: str
    word: str
    headers: Mapping[str, str]
    body: bytes


def receive_webhooks(requests: Sequence[WebhookRequest]) -> list[int]:
    """Note some webhooks at once; return the HTTP status of the answer to each."""
    with everywhere():
        submissions = _submissions(requests)
        hints = [
            _hint(request, submissions.get((request.kind, request.word))) for request in requests
        ]
        with_news = {
            submission for submission, hint in hints if submission and hint and hint.has_news
        }
        _note_webhooks([one for one in with_news if one.outcome == SubmissionOutcome.ACCEPTED])
        for submission, hint in hints:
            if submission and hint and submission.outcome != SubmissionOutcome.ACCEPTED:
                note_hint(submission, hint)
    return [_status(submission, hint) for submission, hint in hints]


def _status(submission: Submission | None, hint: WebhookHint | None) -> int:
    if submission is None:
        return NOT_FOUND
    return ACCEPTED if hint else BAD_SIGNATURE


def _submissions(requests: Sequence[WebhookRequest]) -> dict[tuple[str, str], Submission]:
    words = {reference_in(request.word): request.word for request in requests}
    rows = Submission.objects.filter(reference__in=words.keys() - {""}).select_related(
        "job__account"
    )
    return {(submission.job.vendor, words[submission.reference]): submission for submission in rows}


def _hint(
    request: WebhookRequest, submission: Submission | None
) -> tuple[Submission | None, WebhookHint | None]:
    if submission is None:
        return None, None
    try:
        secrets = submission.job.account.webhook_secrets
        key_encoding = settings.HOOK_KEY_DERIVATION
        return submission, parse_webhook(
            request.kind,
            request.headers,
            request.body,
            secrets=secrets,
            now=time.time(),
            key_encoding=key_encoding,
        )
    except (BadSignature, DomainError):  # DomainError: our copy of its secret cannot be read
        return submission, None


@transaction.atomic
def _note_webhooks(submissions: Sequence[Submission]) -> None:
    """Note that the vendor may have news of these jobs; a repeated or false webhook does no more.

    Jobs that have ended keep their later polls, which no number of webhooks uses up.
    """
    if not submissions:
        return
    now = timezone.now()
    jobs = Job.objects.filter(
        pk__in=[submission.job_id for submission in submissions], state=State.AT_VENDOR
    )
    jobs.lock()
    # Also where a webhook is pending: its job may be polled right now, and this one is newer.
    if jobs.update(webhook_at=now):
        lanes = {submission.job.account.lane_id for submission in submissions}
        after_commit(dispatch_webhook_polls, lanes)


@transaction.atomic
def name_at_vendor(member: Member, submission: Submission, vendor_job_id: str) -> None:
    """Search for a submission by the job id that a person has read in the vendor's own list.

    For vendors whose list we cannot read, and whose webhook never came. Only the vendor can
    confirm the id.
    """
    member.require(Permission.CREATE)
    job, offer = submission.job, submission.job.account.offer
    if offer.can_find_orders:
        raise DomainError(_("We search %s's list automatically.") % offer.vendor_name)
    if not valid_job_id(vendor_job_id):
        raise DomainError(
            _("A job id is one word of at most 200 characters. Copy it from the vendor's list.")
        )
    holder = Job.objects.filter(
        account__lane=job.account.lane_id, vendor_job_id=vendor_job_id
    ).first()
    if holder:
        raise DomainError(_("Another job here already has this id: %s.") % holder)
    record("named", job, actor=member.user, id=vendor_job_id)
    note_hint(submission, WebhookHint(vendor_job_id=vendor_job_id))


@transaction.atomic
def note_hint(submission: Submission, hint: WebhookHint) -> None:
    """Note the job id that a webhook names, and search for it; the vendor has to confirm it."""
    now = timezone.now()
    unknown = Submission.objects.filter(pk=submission.pk).exclude(
        outcome=SubmissionOutcome.ACCEPTED
    )
    moved = unknown.exclude(unverified_job_id=hint.vendor_job_id).update(
        unverified_job_id=hint.vendor_job_id
    )
    moved += unknown.filter(
        outcome=SubmissionOutcome.UNKNOWN, search_at__gt=now + SOON_ENOUGH
    ).update(search_at=now)
    # The vendor knows its reference, so a submission that counted as not received is searched for
    # after all, and so is one whose search had ended. An order being sent waits for its answer.
    ended = unknown.filter(
        outcome=SubmissionOutcome.NOT_RECEIVED, job__state__in=ENDED, job__vendor_job_id=""
    )
    underway = Q(job__state=State.SUBMITTING, job__submission_number=F("number"))
    left = unknown.filter(outcome=SubmissionOutcome.UNKNOWN, search_at=None).exclude(underway)
    moved += ended.update(outcome=SubmissionOutcome.UNKNOWN, search_at=now) + left.update(
        search_at=now
    )
    if moved:
        after_commit(dispatch_lanes, [submission.job.account.lane_id])
