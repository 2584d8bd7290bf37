"""Submissions: each order as it was sent to a vendor, and its outcome."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.utils import timezone

from apps.core.claims import claim_due
from apps.jobs.models.jobs import Job
from apps.jobs.states import SubmissionOutcome
from apps.teams.scoping import TeamOwned, scoped_manager
from apps.vendors.types import MissingOrder

# A slow vendor lists an order within this time; an earlier search proves nothing.
LISTED_AFTER = timedelta(minutes=15)
LONGEST_SEARCH_PAUSE = timedelta(minutes=10)


def new_reference() -> str:
    """Return a unique word that nobody can guess."""
    return uuid.uuid4().hex


_HOOKS = Signer(salt="jobs.hook")


def sign_reference(reference: str) -> str:
    """Return a reference as it stands in the webhook's address."""
    return _HOOKS.sign(reference)


def reference_in(word: str) -> str:
    """Return the reference in a webhook's address, or "" where we have not signed it."""
    try:
        return _HOOKS.unsign(word)
    except BadSignature:
        return ""


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """The questions we ask of submissions."""

    def due_for_reconciliation(self) -> "SubmissionQuerySet":
        """Return submissions that may have been received, and are due to be searched for."""
        return self.filter(outcome=SubmissionOutcome.UNKNOWN, search_at__lte=timezone.now())

    def claim_due_for_reconciliation(self, *, limit: int) -> list["Submission"]:
        """Return each submission to be searched for now, to one caller only."""
        unknown = self.filter(outcome=SubmissionOutcome.UNKNOWN).select_related("job__account")
        return claim_due(unknown, "search_at", lasts=settings.CLAIM, limit=limit)


SubmissionManager = models.Manager.from_queryset(SubmissionQuerySet)


class Submission(TeamOwned):
    """One order of one job as it was sent; saved before the request is made.

    A job has a second one only where a person sent it again. `reference` is sent in the vendor's
    own field and in the image's address: a report that repeats it is about this submission. In
    the webhook's address it is signed, so that nobody can guess that from the image's address.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    reference = models.CharField(max_length=64, unique=True, default=new_reference)
    image_url = models.TextField(blank=True)
    sent_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(
        max_length=12, choices=SubmissionOutcome.choices, default=SubmissionOutcome.UNKNOWN
    )
    vendor_job_id = models.CharField(max_length=200, blank=True)
    # The job id that a webhook or a person has named; used only when the vendor confirms it.
    unverified_job_id = models.CharField(max_length=200, blank=True)
    search_at = models.DateTimeField(null=True)
    # Only searches that the vendor answered to the end: people decide by the count.
    search_count = models.PositiveIntegerField(default=0)
    searched_at = models.DateTimeField(null=True)

    objects: ClassVar["SubmissionManager[Submission]"] = scoped_manager(
        SubmissionManager, project="job__project"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "number"], name="submission_number_once_per_job"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=SubmissionOutcome.values),
                name="submission_outcome_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["search_at"],
                condition=models.Q(outcome="unknown"),
                name="submission_to_find",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number} {self.outcome}"

    def as_query(self) -> MissingOrder:
        """Return the order to find in the vendor's list."""
        return MissingOrder(
            reference=self.reference, image_url=self.image_url, sent_at=self.sent_at
        )

    @property
    def was_searched_in_time(self) -> bool:
        """Whether a search was made while the vendor's list must have shown the order."""
        return bool(
            self.searched_at
            and LISTED_AFTER <= self.searched_at - self.sent_at < self.job.retention
        )

    @property
    def pause(self) -> timedelta:
        """The pause before the next search: 2 s, 4 s, … 10 min.

        Searches without an answer are not counted, and still become rarer: the pause is at least
        a tenth of the time since the order was sent.
        """
        by_count = timedelta(seconds=2 ** min(self.search_count + 1, 12))
        by_age = (timezone.now() - self.sent_at) / 10
        return min(max(by_count, by_age), LONGEST_SEARCH_PAUSE)
