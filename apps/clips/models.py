"""Clips, and the values of the order that a clip was made by."""

import uuid
from fractions import Fraction
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.clips.states import Nsfw, Verdict
from apps.clips.timings import stage_durations
from apps.core.claims import claim_due
from apps.core.event_registry import page_of
from apps.projects.models import Image, Project
from apps.teams.scoping import TeamOwned, scoped_manager


class Recipe(models.Model):
    """The values a job orders with and a clip was made from.

    Copied, not referred to: they stay true when a prompt is revised, a project renamed or a job
    deleted.
    """

    prompt_title = models.CharField(max_length=120, blank=True)
    prompt_number = models.PositiveIntegerField(null=True)
    prompt_text = models.TextField()
    vendor = models.CharField(max_length=20)
    model = models.CharField(max_length=80)
    schema_version = models.CharField(max_length=10)
    parameters = models.JSONField(default=dict)
    image_sha256 = models.CharField(max_length=64)
    image_title = models.CharField(max_length=200)

    class Meta:
        abstract = True

    def recipe(self) -> dict[str, object]:
        """Return the values by name, to be copied into another row."""
        return {field.name: getattr(self, field.name) for field in Recipe._meta.get_fields()}

    @property
    def shown_parameters(self) -> list[tuple[str, str]]:
        """The parameters as pages show them; a negative seed let the vendor choose one."""
        shown = {name: str(value).lower() for name, value in self.parameters.items()}
        if "seed" in shown and self.seed_asked_for is None:
            shown["seed"] = _("random")
        return list(shown.items())

    @property
    def seed_asked_for(self) -> int | None:
        """The seed that the order names; None where the vendor chose one and does not say which."""
        seed = self.parameters.get("seed")
        return seed if isinstance(seed, int) and seed >= 0 else None


class ClipQuerySet(models.QuerySet["Clip"]):
    """The questions we ask of clips. Each says whether the trash is included."""

    def ever_saved(self) -> "ClipQuerySet":
        """Every clip that was ever here, in the trash or deleted since: each was paid for."""
        return self.all()

    def stored(self) -> "ClipQuerySet":
        """Clips whose files are here, in the trash or not."""
        return self.filter(gone_at=None)

    def visible(self) -> "ClipQuerySet":
        """Clips stored and not in the trash: these are shown, counted and decided on."""
        return self.filter(trashed_at=None)

    def in_trash(self) -> "ClipQuerySet":
        """Clips in the trash that can still be restored."""
        return self.stored().filter(trashed_at__isnull=False)

    def of_order(self, order: uuid.UUID) -> "ClipQuerySet":
        """Return the takes of one order, in order; a clip joined from parts is no take."""
        return self.filter(order=order, is_joined=False).order_by("take")

    def claim_checks(self) -> list[int]:
        """Return each clip that our nudity check is due for, to one caller only."""
        stored = self.stored().only("pk", "check_at")
        return [clip.pk for clip in claim_due(stored, "check_at", lasts=settings.CLAIM, limit=50)]

    def claim_removals(self, limit: int) -> "list[Clip]":
        """Return each clip whose files are to be removed, to one caller only."""
        gone = self.filter(gone_at__isnull=False)
        return claim_due(gone, "remove_at", lasts=settings.CLAIM, limit=limit)


ClipManager = models.Manager.from_queryset(ClipQuerySet)


class Clip(TeamOwned, Recipe):
    """A video that is here, or was: its files, how it was made and by whom, and its state.

    How it was made is kept as values, so that the clip needs no job. A video that has not been
    downloaded yet is no clip.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="clips")
    image = models.ForeignKey(Image, null=True, on_delete=models.SET_NULL, related_name="clips")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The public number of the order that this is a take of: its other takes have the same.
    order = models.UUIDField(null=True, editable=False)
    # Counted from 1, as people read it.
    take = models.PositiveSmallIntegerField(default=1)
    # Joined from the parts of a longer clip: no vendor has it, and nobody paid for it.
    is_joined = models.BooleanField(default=False)
    # None where the vendor chose the seed and did not say which.
    seed = models.BigIntegerField(null=True)
    # Its share of its order's cost when it was saved; later corrections stand in the ledger alone.
    cost_usd = models.DecimalField(max_digits=10, decimal_places=4, null=True)

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

    # The vendor's flag, and the answer of our own check.
    nsfw = models.CharField(max_length=7, choices=Nsfw.choices, default=Nsfw.UNKNOWN)
    our_nsfw = models.CharField(max_length=7, choices=Nsfw.choices, default=Nsfw.UNKNOWN)
    our_score = models.FloatField(null=True)
    # When our check is due; None once it is done.
    check_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, default=Verdict.UNDECIDED)

    # The moments of its order; None where nobody knows them.
    ordered_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    inference_ms = models.PositiveIntegerField(null=True)
    saved_at = models.DateTimeField()

    # In the trash: since when, and who moved it there. A clip that is gone cannot be restored: its
    # files are due to be removed at `remove_at`, or have been (None). The row stays, because it was
    # paid for.
    trashed_at = models.DateTimeField(null=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    gone_at = models.DateTimeField(null=True)
    remove_at = models.DateTimeField(null=True)

    objects: ClassVar["ClipManager[Clip]"] = scoped_manager(ClipManager, project="project")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "is_joined", "take"], name="clip_once_per_take"
            ),
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
        return f"{self.prompt_text[:40]} {'joined' if self.is_joined else f'#{self.take}'}"

    def get_absolute_url(self) -> str:
        """Where this clip is shown."""
        return page_of("clip", self.public_id)

    @property
    def file_name(self) -> str:
        """The name of a download: its image, its take, and enough of the id to be unique."""
        take = "joined" if self.is_joined else self.take
        return f"{slugify(self.image_title) or 'clip'}-{take}-{str(self.public_id)[:8]}.mp4"

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, exactly."""
        return Fraction(self.rate_num, self.rate_den)

    @property
    def is_flagged(self) -> bool:
        """Whether the vendor or our check flags it."""
        return Nsfw.FLAGGED in {self.nsfw, self.our_nsfw}

    @property
    def is_flagged_by_us_alone(self) -> bool:
        """Whether only our check flags it."""
        return self.our_nsfw == Nsfw.FLAGGED and self.nsfw != Nsfw.FLAGGED

    @property
    def is_decided(self) -> bool:
        """Whether somebody decided on it, and the decision stands."""
        return self.verdict != Verdict.UNDECIDED

    @property
    def is_veiled(self) -> bool:
        """Whether it is blurred until somebody clicks on it: flagged, or unknown and undecided."""
        is_unknown = self.nsfw == Nsfw.UNKNOWN and self.our_nsfw == Nsfw.UNKNOWN
        return self.is_flagged or (is_unknown and self.verdict == Verdict.UNDECIDED)

    @property
    def timings(self) -> dict[str, int | None]:
        """The length of each stage of its order in milliseconds; None where it is not known."""
        return stage_durations(
            ordered_at=self.ordered_at,
            submitted_at=self.submitted_at,
            accepted_at=self.accepted_at,
            done_at=self.done_at,
            saved_at=self.saved_at,
            inference_ms=self.inference_ms,
        )

    @property
    def saving_ms(self) -> int | None:
        """How long saving took, in milliseconds from when the vendor was done."""
        return self.timings["saving"]

    @property
    def event_facts(self) -> dict[str, Any]:
        """The facts that every event of a clip keeps: its order, and which take of it."""
        return {"order": str(self.order) if self.order else "", "take": self.take}
