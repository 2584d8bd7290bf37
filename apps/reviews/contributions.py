"""Contributions of this room to the rooms below it."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.activity.slots import MENTIONING
from apps.clips.slots import FACTS
from apps.clips.states import Verdict
from apps.core.slots import Fact
from apps.reviews.models import Decision


def register() -> None:
    """Let clips be found by what was decided, and mentions in notes be erased with an account."""
    verdict = Fact(
        key="verdict",
        label=_("Review"),
        choices=Verdict.choices,
        condition=lambda value: Q(verdict=value),
    )
    FACTS.fill("verdict", verdict, position=10)
    MENTIONING.fill("decisions", Decision)
