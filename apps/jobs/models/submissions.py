"""What went out to a vendor, and what became of it."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.utils import timezone

from apps.core.claims import claim_due
from apps.jobs.models.jobs import Job
from apps.jobs.states import Fate
from apps.teams.scoping import TeamOwned, scoped
from apps.vendors.types import MissingOrder

# A vendor whose list is slow shows an order within this. An earlier look proves nothing.
LISTED_AFTER = timedelta(minutes=15)


def new_mark() -> str:
    """Return a word that nobody can guess and no other sending has."""
    return uuid.uuid4().hex


_HOOKS = Signer(salt="jobs.hook")


def signed(mark: str) -> str:
    """Return a mark as the address of calls has it."""
    return _HOOKS.sign(mark)


def mark_of(word: str) -> str:
    """Return the mark in the address of a call, or "" where we have not signed it."""
    try:
        return _HOOKS.unsign(word)
    except BadSignature:
        return ""


class SendingQuerySet(models.QuerySet["Sending"]):
    """The questions we ask of sendings."""

    def sought(self) -> "SendingQuerySet":
        """Return sendings that may have arrived, and are due to be looked for."""
        return self.filter(fate=Fate.UNKNOWN, seek_at__lte=timezone.now())

    def claim_sought(self, *, limit: int) -> list["Sending"]:
        """Return each sending to be looked for now, to one caller only."""
        unknown = self.filter(fate=Fate.UNKNOWN).select_related("job__account")
        return claim_due(unknown, "seek_at", lasts=settings.CLAIM, limit=limit)


SendingManager = models.Manager.from_queryset(SendingQuerySet)


class Sending(TeamOwned):
    """One order of one job as it left the house; written down before it leaves.

    A job has more than one only where a person sent it again from doubt. `mark` goes along in the
    vendor's own field and in the image's address; whoever shows it to us speaks of this sending. In
    the address that the vendor may call the mark is signed: who has only seen the picture's cannot
    call.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="sendings")
    number = models.PositiveSmallIntegerField()
    mark = models.CharField(max_length=64, unique=True, default=new_mark)
    image_url = models.TextField(blank=True)
    sent_at = models.DateTimeField(default=timezone.now)
    fate = models.CharField(max_length=7, choices=Fate.choices, default=Fate.UNKNOWN)
    vendor_job_id = models.CharField(max_length=200, blank=True)
    # What a call of the vendor, or a person who has looked there, says its id is; believed only
    # when the vendor itself confirms it.
    hinted_id = models.CharField(max_length=200, blank=True)
    seek_at = models.DateTimeField(null=True)
    # Only a look that was answered to its end counts: people decide by these, and what never
    # arrived is told by them.
    looks = models.PositiveIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)

    objects: ClassVar["SendingManager[Sending]"] = scoped(SendingManager, project="job__project")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="sending_number_once_per_job"),
            models.CheckConstraint(
                condition=models.Q(fate__in=Fate.values), name="sending_fate_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["seek_at"], condition=models.Q(fate="unknown"), name="sending_sought"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number} {self.fate}"

    def wanted(self) -> MissingOrder:
        """Return what the vendor's list is searched for."""
        return MissingOrder(reference=self.mark, image_url=self.image_url, sent_at=self.sent_at)

    @property
    def was_looked_for(self) -> bool:
        """Whether somebody looked while the vendor must have had it in its list, if it had it at all."""
        return bool(
            self.looked_at and LISTED_AFTER <= self.looked_at - self.sent_at < self.job.retention
        )

    @property
    def pause(self) -> timedelta:
        """How long to wait before looking for it again: 2 s, 4 s, … 10 min.

        Looks that come to nothing count for nothing, and yet become fewer: a tenth of the time
        since it left.
        """
        by_looks, by_age = (
            timedelta(seconds=2 ** min(self.looks + 1, 12)),
            (timezone.now() - self.sent_at) / 10,
        )
        return min(max(by_looks, by_age), timedelta(minutes=10))
