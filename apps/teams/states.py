"""What a team can be: open for work, kept for reading, or closed by the operators.

ACTIVE ◄─► ARCHIVED    by its owners: everything can be read, nothing changed, nothing ordered
ACTIVE ◄─► SUSPENDED   by the operators: nobody comes in; what is on its way is still brought home
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Standing(models.TextChoices):
    """Whether a team can work."""

    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")
    SUSPENDED = "suspended", _("Suspended")
