"""Contributions of this room to the rooms below it."""

from apps.activity.slots import MENTIONING
from apps.reviews.models import Decision


def register() -> None:
    """Let mentions in notes be erased with an account."""
    MENTIONING.fill("decisions", Decision)
