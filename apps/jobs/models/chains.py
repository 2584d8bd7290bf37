"""A clip made longer part by part."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.projects.models import Project
from apps.teams.scoping import TeamOwned, scoped_manager


class Chain(TeamOwned):
    """Parts ordered together: each extends the one before it, and all are joined into one clip."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="chains")
    # A person wants to choose the take after each part.
    is_stepwise = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True)
    # When the parts are to be joined; None while there is nothing to join.
    join_at = models.DateTimeField(null=True)
    joined_parts = models.PositiveSmallIntegerField(default=0)
    fault = models.TextField(_("why the parts are not joined"), blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Chain"]] = scoped_manager(models.Manager, project="project")

    class Meta:
        indexes = [
            models.Index(
                fields=["join_at"], condition=models.Q(join_at__isnull=False), name="chain_to_join"
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)
