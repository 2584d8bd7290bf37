"""What a team can be: open for work, kept for reading, or closed by the operators.

ACTIVE ◄─► ARCHIVED    by its owners: everything can be read, nothing changed, nothing ordered
ACTIVE ◄─► SUSPENDED   by the operators: nobody comes in
An archived team can be suspended too, and is archived again afterwards.

Neither cancels anything: orders that have not left wait until the team is active again, and what a
vendor is busy with is followed and saved, for it is paid.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TeamStatus(models.TextChoices):
    """Whether a team can work."""

    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")
    SUSPENDED = "suspended", _("Suspended")
