"""Decisions on clips: rows that are only added."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.clips.models import Clip
from apps.clips.states import Verdict
from apps.teams.scoping import TeamOwned, scoped_manager


class Decision(TeamOwned):
    """What somebody decided on a clip, and why. Taking it back is a decision too."""

    clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(_("decision"), max_length=20, choices=Verdict.choices)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    # Whom the note mentions, as values: the word after each @ and the name it stood for.
    mentions = models.JSONField(default=list, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Decision"]] = scoped_manager(
        models.Manager, project="clip__project"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=Verdict.values), name="decision_verdict_is_known"
            )
        ]
        indexes = [models.Index(fields=["clip", "-id"], name="decision_of_clip")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.clip}"

    @property
    def is_withdrawal(self) -> bool:
        """It takes the decision before it back."""
        return self.verdict == Verdict.UNDECIDED
