"""Slots of this room."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.clips.states import Nsfw
from apps.core.slots import Fact, Slot

# The facts by which lists of clips are narrowed, and which a clip's page shows.
FACTS: Slot[Fact] = Slot("clips.facts")


def register() -> None:
    """Let lists be narrowed by the facts that this room knows."""
    flag = Fact(
        key="nsfw",
        label=_("NSFW"),
        choices=Nsfw.choices,
        condition=lambda value: Q(nsfw=value),
        in_force=_("NSFW: %(choice)s"),
    )
    FACTS.fill("nsfw", flag, position=20)
