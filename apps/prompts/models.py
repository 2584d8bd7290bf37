"""Prompts and their versions, which never change."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.prompts.language import variables_of
from apps.teams.scoping import TeamOwned, scoped_manager


class PromptQuerySet(models.QuerySet["Prompt"]):
    """Querysets of prompts."""

    def with_latest(self) -> "PromptQuerySet":
        """Annotate text and number of the latest version, in one query."""
        newest = Version.all_teams.filter(prompt=models.OuterRef("pk")).order_by("-number")
        return self.annotate(
            text=models.Subquery(newest.values("text")[:1]),
            number=models.Subquery(newest.values("number")[:1]),
        )


PromptManager = models.Manager.from_queryset(PromptQuerySet)


class Prompt(TeamOwned):
    """A library entry; its text is in its versions."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=120)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar["PromptManager[Prompt]"] = scoped_manager(PromptManager)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "title"], name="prompt_title_once_per_team")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where this prompt is shown."""
        return reverse("prompts:show", args=[self.public_id])


class Version(TeamOwned):
    """One version of a prompt's text; it never changes."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(_("text"), max_length=4000)
    note = models.CharField(_("what changed"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Version"]] = scoped_manager(models.Manager)
    # For subqueries that are already tied to a prompt of the team.
    all_teams: ClassVar[models.Manager["Version"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "number"], name="version_number_once_per_prompt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.prompt} v{self.number}"

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the text, with their defaults."""
        return variables_of(self.text)
