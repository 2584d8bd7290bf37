"""Slots of this room."""

from django.db.models import Model

from apps.core.slots import Slot

# Models that keep, in a column `mentions`, whom a text of theirs names. The names are erased with
# the account.
MENTIONING: Slot[type[Model]] = Slot("activity.mentioning")
