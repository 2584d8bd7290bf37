"""One video that came back."""

import uuid
from fractions import Fraction
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.text import slugify

from apps.core.claims import claim_due
from apps.jobs.models.jobs import Job
from apps.jobs.models.recipe import Recipe
from apps.jobs.states import Nsfw, Verdict
from apps.projects.models import Project
from apps.teams.scoping import TeamOwned, scoped

# Clips given out at a time: whoever has saved one gives out the next, and hundreds of messages
# ahead of the savers' hands would only cost those who follow jobs.
HANDFUL = 8


class ClipQuerySet(models.QuerySet["Clip"]):
    """The questions we ask of clips."""

    def arrived(self) -> "ClipQuerySet":
        """Clips that came home, whatever became of them since: what was paid for."""
        return self.filter(saved_at__isnull=False)

    def kept(self) -> "ClipQuerySet":
        """Clips whose bytes are ours, in the trash or not."""
        return self.arrived().filter(gone_at=None)

    def saved(self) -> "ClipQuerySet":
        """Clips whose bytes are ours and that nobody threw away: what is shown, counted and decided on."""
        return self.arrived().filter(trashed_at=None)

    def in_trash(self) -> "ClipQuerySet":
        """Clips that somebody threw away, and that can still be brought back."""
        return self.kept().filter(trashed_at__isnull=False)

    def to_come(self) -> "ClipQuerySet":
        """Clips whose bytes are not ours yet, and that we have not stopped trying for."""
        return self.filter(saved_at=None, lost_at=None)

    def claim_due(self) -> list[int]:
        """Return each clip whose bytes are to be fetched now, to one caller only; fetching takes its time."""
        due = self.to_come().only("pk", "next_step_at")
        return [
            clip.pk
            for clip in claim_due(due, "next_step_at", lasts=3 * settings.CLAIM, limit=HANDFUL)
        ]

    def claim_checks(self) -> list[int]:
        """Return each clip the house shall look at, to one caller only."""
        kept = self.filter(gone_at=None).only("pk", "check_at")
        return [clip.pk for clip in claim_due(kept, "check_at", lasts=settings.CLAIM, limit=50)]

    def claim_removals(self, limit: int) -> "list[Clip]":
        """Return each clip whose files are to be removed, to one caller only."""
        return claim_due(
            self.filter(gone_at__isnull=False), "remove_at", lasts=settings.CLAIM, limit=limit
        )


ClipManager = models.Manager.from_queryset(ClipQuerySet)


class Clip(TeamOwned, Recipe):
    """A video: where it lies, what it is, and how it was made."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="clips")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="clips")
    number = models.PositiveSmallIntegerField()
    vendor_url = models.TextField()
    # Joined from the parts of a chain: no vendor has it.
    is_joined = models.BooleanField(default=False)

    # Bringing its bytes home: when the next try is due (None: nothing to do), and what the last one
    # met.
    next_step_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    fault = models.TextField(blank=True)
    # When we stopped trying: the vendor's own copy is gone.
    lost_at = models.DateTimeField(null=True)

    file = models.CharField(max_length=200, blank=True)
    poster = models.CharField(max_length=200, blank=True)
    sprite = models.CharField(max_length=200, blank=True)
    sprite_columns = models.PositiveSmallIntegerField(default=0)
    sprite_rows = models.PositiveSmallIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    rate_num = models.PositiveIntegerField(default=0)
    rate_den = models.PositiveIntegerField(default=1)
    frames = models.PositiveIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    nsfw = models.CharField(max_length=7, choices=Nsfw.choices, default=Nsfw.UNKNOWN)
    house_nsfw = models.CharField(max_length=7, choices=Nsfw.choices, default=Nsfw.UNKNOWN)
    house_score = models.FloatField(null=True)
    # When the house shall look for nudity itself; None once it has.
    check_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, default=Verdict.UNDECIDED)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    saved_at = models.DateTimeField(null=True)

    # In the trash: since when, and who put it there. What is gone can't be brought back: its files
    # are due to be removed at `remove_at`, or have been (None), and the row stays, for it was paid
    # for.
    trashed_at = models.DateTimeField(null=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    gone_at = models.DateTimeField(null=True)
    remove_at = models.DateTimeField(null=True)

    objects: ClassVar["ClipManager[Clip]"] = scoped(ClipManager, project="project")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="clip_number_once_per_job"),
            models.CheckConstraint(
                condition=models.Q(nsfw__in=Nsfw.values), name="clip_nsfw_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict__in=Verdict.values), name="clip_verdict_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(gone_at=None) | models.Q(trashed_at__isnull=False),
                name="clip_is_gone_by_way_of_the_trash",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "verdict", "-id"], name="clip_by_verdict"),
            models.Index(fields=["team", "-id"], name="clip_of_team"),
            models.Index(
                fields=["next_step_at"],
                condition=models.Q(next_step_at__isnull=False),
                name="clip_to_save",
            ),
            models.Index(
                fields=["check_at"],
                condition=models.Q(check_at__isnull=False),
                name="clip_to_check",
            ),
            models.Index(
                fields=["team", "-trashed_at", "-id"],
                condition=models.Q(trashed_at__isnull=False),
                name="clip_in_trash",
            ),
            models.Index(
                fields=["remove_at"],
                condition=models.Q(remove_at__isnull=False),
                name="clip_to_remove",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_text[:40]} {'joined' if self.is_joined else f'#{self.number + 1}'}"

    def get_absolute_url(self) -> str:
        """Where this clip is shown."""
        return reverse("reviews:clip", args=[self.public_id])

    @property
    def file_name(self) -> str:
        """What the file is called on a disk: its image, its take, and enough of the id to be one of a kind."""
        take = "joined" if self.is_joined else self.number + 1
        return f"{slugify(self.image_title) or 'clip'}-{take}-{str(self.public_id)[:8]}.mp4"

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, exactly."""
        return Fraction(self.rate_num, self.rate_den)

    @property
    def is_flagged(self) -> bool:
        """The vendor's check or our own says that it shows nudity."""
        return Nsfw.FLAGGED in {self.nsfw, self.house_nsfw}

    @property
    def is_flagged_by_us_alone(self) -> bool:
        """Our check flagged it, and the vendor's did not."""
        return self.is_flagged and self.nsfw != Nsfw.FLAGGED

    @property
    def is_decided(self) -> bool:
        """Somebody decided on it, and the decision stands."""
        return self.verdict != Verdict.UNDECIDED

    @property
    def is_veiled(self) -> bool:
        """Whether it is blurred until somebody chooses to look: flagged by anyone, or unknown and undecided."""
        opinions = {self.nsfw, self.house_nsfw}
        unsure = self.nsfw == Nsfw.UNKNOWN and self.house_nsfw == Nsfw.UNKNOWN
        return Nsfw.FLAGGED in opinions or (unsure and self.verdict == Verdict.UNDECIDED)
