"""One order to a vendor."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from apps.clips.models import Clip, ClipQuerySet, Recipe
from apps.clips.timings import stage_durations
from apps.core.claims import claim_due
from apps.core.errors import DomainError
from apps.core.events import record, record_all
from apps.jobs.models.chains import Chain
from apps.jobs.models.vendor_side import VendorSide
from apps.jobs.states import MOVES, MOVING, State
from apps.projects.models import Image, Project
from apps.teams.models import Team, User
from apps.teams.scoping import TeamOwned, scoped_manager
from apps.teams.states import TeamStatus
from apps.vendors.offer import PriceValues
from apps.vendors.registry import price_values_of

# Vendors usually take 30 to 60 s, by their own pages.
STILL_AT_VENDOR_AFTER = timedelta(minutes=5)


class JobQuerySet(models.QuerySet["Job"]):
    """The questions we ask of jobs."""

    def claim_unanswered(self) -> list[int]:
        """Return each job whose order was sent and not answered in time, to one caller only."""
        sent = self.filter(state=State.SUBMITTING).only("pk", "next_step_at")
        return [job.pk for job in claim_due(sent, "next_step_at", lasts=settings.CLAIM, limit=200)]

    def with_pending_webhook(self) -> "JobQuerySet":
        """Return jobs at their vendor that a webhook was about."""
        return self.filter(webhook_at__isnull=False, state=State.AT_VENDOR)

    def due(self, *states: State) -> "JobQuerySet":
        """Return jobs in these states whose next step is due, the longest due first."""
        return self.filter(state__in=states, next_step_at__lte=timezone.now()).order_by(
            "next_step_at"
        )

    def to_be_sent(self) -> "JobQuerySet":
        """Return queued jobs that may be sent now; those of archived and suspended teams wait."""
        return self.due(State.QUEUED).filter(team__status=TeamStatus.ACTIVE)

    def lock(self) -> None:
        """Lock these rows in the order of their ids, so that no two callers deadlock."""
        if connection.features.has_select_for_update:
            rows = self.select_for_update(of=("self",), no_key=True).order_by("pk")
            list(rows.values_list("pk"))

    def move_all(
        self, to: State, jobs: Sequence["Job"], changes: Mapping[int, Mapping[str, Any]]
    ) -> None:
        """Move jobs that the caller has read and locked, each with its own changes and its event.

        Changes that are the same for all jobs are one plain update: bulk_update, with a CASE per
        job and column, costs more than everything else about a hundred finished jobs.
        """
        jobs = [job for job in jobs if to in MOVES[State(job.state)]]
        if not jobs:
            return
        first, *others = (changes[job.pk] for job in jobs)
        alike = {
            name: value
            for name, value in first.items()
            if all(one[name] == value for one in others)
        }
        self.filter(pk__in=[job.pk for job in jobs]).update(state=to, **alike)
        own = [name for name in first if name not in alike]
        for job in jobs:
            for name in own:
                setattr(job, name, changes[job.pk][name])
        if own:
            self.bulk_update(jobs, own)
        record_all("moved", jobs, to=str(to))


JobManager = models.Manager.from_queryset(JobQuerySet)


class Job(TeamOwned, Recipe, VendorSide):
    """One order to one vendor."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Made with the form: the same form sent twice is the same job.
    idempotency_key = models.UUIDField(default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="jobs")
    image = models.ForeignKey(Image, null=True, on_delete=models.SET_NULL, related_name="jobs")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    rerun_of = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="reruns"
    )
    is_urgent = models.BooleanField(default=False)
    # A part of a longer clip: which one, and which take of which job it goes on from.
    chain = models.ForeignKey(Chain, null=True, on_delete=models.SET_NULL, related_name="parts")
    part = models.PositiveSmallIntegerField(default=0)
    extends = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="next_parts"
    )
    extends_take = models.PositiveSmallIntegerField(null=True)
    price = models.DecimalField(max_digits=10, decimal_places=4, null=True)

    next_step_at = models.DateTimeField(null=True)
    submit_tries = models.PositiveIntegerField(default=0)
    poll_failures = models.PositiveIntegerField(default=0)  # in a row
    # Polls after it ended: a vendor may finish what it has called failed.
    later_polls = models.PositiveIntegerField(default=0)
    # Which submission of it counts, from 1; 0 while it has never left.
    submission_number = models.PositiveSmallIntegerField(default=0)
    # It ended, and then the vendor had something for us after all; until somebody has seen it.
    is_late = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    saved_at = models.DateTimeField(null=True)

    objects: ClassVar["JobManager[Job]"] = scoped_manager(JobManager, project="project")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "idempotency_key"], name="job_once_per_idempotency_key"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="job_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["account", "vendor_job_id"],
                condition=~models.Q(vendor_job_id=""),
                name="vendor_job_belongs_to_one_job",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_step_at"],
                condition=models.Q(next_step_at__isnull=False),
                name="job_due",
            ),
            models.Index(fields=["team", "-id"], name="job_of_team"),
            models.Index(fields=["project", "-id"], name="job_of_project"),
            models.Index(fields=["team", "state", "-id"], name="job_in_state"),
            models.Index(fields=["account", "-done_at"], name="job_pace"),
            models.Index(fields=["account", "state"], name="job_at_account"),
            models.Index(fields=["account", "-submitted_at"], name="job_sent"),
            models.Index(
                fields=["account", "state"],
                condition=models.Q(webhook_at__isnull=False),
                name="job_webhook_pending",
            ),
            models.Index(
                fields=["team", "-id"], condition=models.Q(is_late=True), name="job_came_late"
            ),
        ]

    @classmethod
    def new(
        cls,
        state: State,
        *,
        team: Team,
        created_by: User | None,
        price: Decimal | None,
        **facts: Any,
    ) -> "Job":
        """Return a new job, not yet saved. Every job is made here."""
        facts.setdefault("next_step_at", timezone.now() if state in MOVING else None)
        return cls(state=state, team=team, created_by=created_by, price=price, **facts)

    def __str__(self) -> str:
        return f"{self.prompt_text[:40]} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        """Return the address of the page of this job."""
        return reverse("jobs:show", args=[self.public_id])

    @property
    def price_values(self) -> PriceValues:
        """The settings that decide price and duration, such as (("resolution", "480p"),)."""
        return price_values_of(self.vendor, self.schema_version, self.parameters)

    @property
    def chip(self) -> tuple[str, str]:
        """The value and the words of the state's chip.

        «Still at vendor» is derived from time and changes nothing else.
        """
        if self.waits_for_choice:
            return self.state, gettext("Waits for your choice")
        if self.state == State.PLANNED:
            return self.state, gettext("Planned")
        late = self.accepted_at and timezone.now() - self.accepted_at > STILL_AT_VENDOR_AFTER
        if self.state == State.AT_VENDOR and late:
            return "still_at_vendor", gettext("Still at vendor")
        return self.state, self.get_state_display()

    @property
    def waits_for_choice(self) -> bool:
        """The part before it is saved, and a person has to choose the take it extends."""
        is_next = (
            self.state == State.PLANNED
            and self.extends is not None
            and self.extends.state == State.SAVED
        )
        return (
            is_next
            and self.chain is not None
            and self.chain.is_stepwise
            and not self.chain.stopped_at
        )

    def move(self, to: State, *, actor: User | None = None, **changes: Any) -> bool:
        """Go to state `to`, unless another process has moved this job meanwhile.

        Returns whether it was this call that moved it: the update names the state it expects, so of
        two workers one wins. The event is written in the same transaction.
        """
        if to not in MOVES[State(self.state)]:
            raise DomainError(f"A job that is {self.state} cannot become {to}.")
        changes.setdefault("next_step_at", timezone.now() if to in MOVING else None)
        with transaction.atomic():
            here = Job.objects.filter(pk=self.pk, state=self.state)
            moved = here.update(state=to, **changes) == 1
            if moved:
                record("moved", self, actor=actor, to=str(to))
        self.refresh_from_db()
        return moved

    def note(self, **changes: Any) -> None:
        """Change columns, unless the job has changed its state meanwhile."""
        Job.objects.filter(pk=self.pk, state=self.state).update(**changes)

    @property
    def timings(self) -> dict[str, int | None]:
        """The duration of each stage in milliseconds; None where it has not ended."""
        return stage_durations(
            ordered_at=self.created_at,
            submitted_at=self.submitted_at,
            accepted_at=self.accepted_at,
            done_at=self.done_at,
            saved_at=self.saved_at,
            inference_ms=self.inference_ms,
        )

    @property
    def clips(self) -> ClipQuerySet:
        """The takes of this job that were ever saved, in order; none joined from parts."""
        takes: ClipQuerySet = Clip.objects.of_order(self.public_id)
        return takes
