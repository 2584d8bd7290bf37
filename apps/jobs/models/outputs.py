"""A video that a vendor offers for download, until it is here or given up."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.clips.models import Clip
from apps.clips.states import Nsfw
from apps.core.claims import claim_due as claim_due_rows
from apps.jobs.models.jobs import Job
from apps.teams.scoping import TeamOwned, scoped_manager

# Outputs dispatched at a time: a worker that has saved one dispatches the next. Hundreds of
# messages in the queue would only delay polls.
OUTPUTS_PER_DISPATCH = 8


class OutputQuerySet(models.QuerySet["Output"]):
    """The questions we ask of outputs."""

    def downloading(self) -> "OutputQuerySet":
        """Return the outputs that are not here yet, and that we have not given up."""
        return self.filter(next_try_at__isnull=False)

    def claim_due(self) -> list[int]:
        """Return each output that is to be downloaded now, to one caller only."""
        rows = self.only("pk", "next_try_at")
        lasts = 3 * settings.CLAIM  # a download takes its time
        due = claim_due_rows(rows, "next_try_at", lasts=lasts, limit=OUTPUTS_PER_DISPATCH)
        return [output.pk for output in due]


OutputManager = models.Manager.from_queryset(OutputQuerySet)


class Output(TeamOwned):
    """One take of a job at its vendor: where to download it, and how that went."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="outputs")
    # Counted from 1, in the vendor's order; the clip has the same.
    take = models.PositiveSmallIntegerField()
    vendor_url = models.TextField()
    nsfw = models.CharField(max_length=7, choices=Nsfw.choices, default=Nsfw.UNKNOWN)
    # When the next try is due; None once it is here or given up.
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    # What went wrong at the last try.
    fault = models.TextField(blank=True)
    # When we stopped trying: the vendor's own copy is gone.
    given_up_at = models.DateTimeField(null=True)
    clip = models.OneToOneField(
        Clip, null=True, on_delete=models.SET_NULL, related_name="output", editable=False
    )

    objects: ClassVar["OutputManager[Output]"] = scoped_manager(
        OutputManager, project="job__project"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "take"], name="output_once_per_take"),
            models.CheckConstraint(
                condition=models.Q(next_try_at=None) | models.Q(given_up_at=None),
                name="output_given_up_is_not_tried",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="output_to_download",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.take}"

    @property
    def is_downloading(self) -> bool:
        """Whether it is not here yet, and not given up."""
        return self.next_try_at is not None
