"""Requests to a vendor about one job beside its order: to stop it, or to delete its copy."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apps.core.claims import claim_due as claim_due_rows
from apps.jobs.models.jobs import Job
from apps.jobs.states import RequestAnswer, RequestKind
from apps.teams.scoping import TeamOwned, scoped_manager

REQUESTS_PER_DISPATCH = 100


class VendorRequestQuerySet(models.QuerySet["VendorRequest"]):
    """The questions we ask of requests to vendors."""

    def unanswered(self) -> "VendorRequestQuerySet":
        """Return the requests that the vendor has not answered yet."""
        return self.filter(next_try_at__isnull=False)

    def claim_due(self) -> list["VendorRequest"]:
        """Return each request that the vendor is to be asked now, to one caller only."""
        rows = self.only("pk", "kind", "next_try_at")
        return claim_due_rows(
            rows, "next_try_at", lasts=settings.CLAIM, limit=REQUESTS_PER_DISPATCH
        )

    def ask(self, job: Job, kind: RequestKind) -> bool:
        """Have the vendor asked, once more where it has refused before.

        Returns whether this is news: the vendor is not being asked already.
        """
        asked_now = {"next_try_at": timezone.now(), "tries": 0, "answer": "", "done_at": None}
        request, is_new = self.get_or_create(
            job=job, kind=kind, defaults=asked_now | {"team_id": job.team_id}
        )
        answered = self.filter(pk=request.pk).exclude(answer="")
        return is_new or bool(answered.update(**asked_now))


VendorRequestManager = models.Manager.from_queryset(VendorRequestQuerySet)


class VendorRequest(TeamOwned):
    """One request of a person to the vendor of one job, and the vendor's answer."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="vendor_requests")
    kind = models.CharField(max_length=6, choices=RequestKind.choices)
    # When the vendor is asked next; None once it has answered.
    next_try_at = models.DateTimeField(null=True)
    # Tries without an answer.
    tries = models.PositiveIntegerField(default=0)
    answer = models.CharField(max_length=8, choices=RequestAnswer.choices, blank=True)
    # When the vendor answered; None also where an older version did not note it.
    done_at = models.DateTimeField(null=True)

    objects: ClassVar["VendorRequestManager[VendorRequest]"] = scoped_manager(
        VendorRequestManager, project="job__project"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "kind"], name="vendor_request_once_per_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=RequestKind.values), name="vendor_request_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(next_try_at__isnull=False, answer="", done_at=None)
                | Q(next_try_at=None, answer__in=RequestAnswer.values),
                name="vendor_request_is_due_or_answered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="vendor_request_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.kind}: {self.answer}"

    @property
    def is_unanswered(self) -> bool:
        """The vendor has not answered yet, and is asked again."""
        return self.next_try_at is not None

    @property
    def is_fulfilled(self) -> bool:
        """The vendor did it."""
        return self.answer == RequestAnswer.DONE

    @property
    def is_too_late(self) -> bool:
        """The job had ended before the vendor could do it."""
        return self.answer == RequestAnswer.TOO_LATE

    @property
    def is_refused(self) -> bool:
        """The vendor cannot do it, or will not."""
        return self.answer == RequestAnswer.UNABLE

    def try_again_at(self, moment: datetime) -> None:
        """Ask once more at `moment`: the vendor gave no answer."""
        self._row_if_unanswered().update(next_try_at=moment, tries=F("tries") + 1)

    def wait_until(self, moment: datetime) -> None:
        """Ask at `moment`, without having tried: the vendor is paused."""
        self._row_if_unanswered().update(next_try_at=moment)

    def note_answer(self, answer: RequestAnswer) -> None:
        """Note the vendor's answer; it is asked no more."""
        self._row_if_unanswered().update(next_try_at=None, answer=answer, done_at=timezone.now())

    def _row_if_unanswered(self) -> VendorRequestQuerySet:
        return VendorRequest.objects.filter(pk=self.pk).unanswered()
