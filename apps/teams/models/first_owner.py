"""The row that marks the first owner's link as used."""

from django.db import models
from django.db.models.functions import Now


class FirstOwnerClaim(models.Model):
    """At most one row: of two people with the link, the database lets one in."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="first_owner_claim_only_once")
        ]

    def __str__(self) -> str:
        return f"claimed {self.created_at}"
