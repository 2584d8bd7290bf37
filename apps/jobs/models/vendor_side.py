"""A job as its vendor sees it: its id and times there, and how long the vendor keeps it."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from apps.jobs.models.accounts import VendorAccount
from apps.jobs.models.state_facts import StateFacts
from apps.jobs.states import State

# For vendors that do not say: as long as WaveSpeed (docs/vendor-contracts.md, section 1.11).
RETENTION = timedelta(days=7)
# While a vendor is out of reach, a job counts as gone only after so many times its retention.
PATIENCE_FACTOR = 4


class VendorSide(StateFacts):
    """The vendor's id and words for a job, its times there, and the vendor's copy."""

    account = models.ForeignKey(VendorAccount, on_delete=models.PROTECT, related_name="jobs")
    vendor_job_id = models.CharField(max_length=200, blank=True)
    vendor_status = models.CharField(max_length=100, blank=True)
    vendor_message = models.TextField(blank=True)
    inference_ms = models.PositiveIntegerField(null=True)
    # When a webhook about it arrived, until the job has been polled.
    webhook_at = models.DateTimeField(null=True)

    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    # The same moment by the vendor's own clock, where it says so: its list is filtered by it.
    vendor_created_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def retention(self) -> timedelta:
        """The time for which the vendor keeps a job and its clips, from when it accepted it."""
        return timedelta(days=self.account.offer.retention_days) or RETENTION

    @property
    def vendor_keeps_it_until(self) -> datetime | None:
        """When the vendor deletes its copy, while not all clips are here; None where unknown."""
        return self.vendor_copy_until if self.state in {State.AT_VENDOR, State.SAVING} else None

    @property
    def vendor_copy_until(self) -> datetime | None:
        """When the vendor deletes its copy by itself; None where unknown."""
        begun = self.done_at or self.accepted_at
        days = self.account.offer.retention_days
        return begun + timedelta(days=days) if begun and days else None

    @property
    def is_deletable_at_vendor(self) -> bool:
        """Whether the vendor may still have a copy and can delete it, and every clip is here."""
        until = self.vendor_copy_until
        is_there = bool(self.vendor_job_id and until and until > timezone.now())
        return is_there and self.state == State.SAVED and self.account.offer.can_delete
