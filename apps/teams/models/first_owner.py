"""The one row that says that the first person of this installation came in by the link in its log."""

from django.db import models
from django.db.models.functions import Now


class FirstOwnerClaim(models.Model):
    """There is at most one: of two who open the link at once, the database lets one in."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="first_owner_claim_only_once")
        ]

    def __str__(self) -> str:
        return f"welcomed {self.created_at}"
