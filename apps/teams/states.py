"""The states of a team.

ACTIVE ◄─► ARCHIVED    by its owners: everything can be read, nothing changed, nothing ordered
ACTIVE ◄─► SUSPENDED   by the operators: no member has access
An archived team can be suspended too, and is archived again afterwards.

Neither cancels anything. Orders that are not submitted yet wait until the team is active again.
Running jobs are polled and saved, because they are paid for.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TeamStatus(models.TextChoices):
    """The status of a team."""

    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")
    SUSPENDED = "suspended", _("Suspended")
