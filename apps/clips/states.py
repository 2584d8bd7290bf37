"""The states of a clip: whether it shows nudity, and the team's verdict on it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Nsfw(models.TextChoices):
    """Whether a clip shows nudity: unknown is a value."""

    CLEAR = "clear", _("Clear")
    FLAGGED = "flagged", _("Flagged")
    UNKNOWN = "unknown", _("Unknown")

    @classmethod
    def of(cls, flag: bool | None) -> "Nsfw":
        """Turn a vendor's flag into ours."""
        return cls.UNKNOWN if flag is None else cls.FLAGGED if flag else cls.CLEAR


class Verdict(models.TextChoices):
    """The team's verdict on a clip."""

    UNDECIDED = "undecided", _("In review")
    APPROVED = "approved", _("Approved")
    CHANGES = "changes_requested", _("Changes requested")
