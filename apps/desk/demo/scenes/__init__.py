"""Sample pictures drawn by code, so that the first screen of a newcomer is worth looking at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from apps.desk.demo.scenes import city, dunes, forest, harbour, lake, lighthouse
from apps.desk.demo.scenes.brush import Canvas, Dice, finish

DEFAULT_SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture we can draw, and what one could ask a vendor to make of it."""

    slug: str
    title: str
    aspect_ratio: str
    prompt_idea: str

    def size(self, longest: int) -> tuple[int, int]:
        """Say how wide and high the picture is when its longer side has this many pixels."""
        across, down = (int(part) for part in self.aspect_ratio.split(":"))
        scale = longest / max(across, down)
        return round(across * scale), round(down * scale)


SCENES = (
    Scene(
        slug="harbour-at-dusk",
        title="Harbour at dusk",
        aspect_ratio="16:9",
        prompt_idea=(
            "Slow push-in over the water towards the moored boats; masts sway gently, gulls drift "
            "across the afterglow, ripples break the sun's reflection, windows light up one by one."
        ),
    ),
    Scene(
        slug="mountain-lake-at-dawn",
        title="Mountain lake at dawn",
        aspect_ratio="16:9",
        prompt_idea=(
            "Static camera; mist rolls slowly over the lake, the angler casts his line and rings "
            "spread on the still water while the sun lifts over the ridge."
        ),
    ),
    Scene(
        slug="neon-street-in-the-rain",
        title="Neon street in the rain",
        aspect_ratio="2:3",
        prompt_idea=(
            "Tracking shot behind the person with the red umbrella walking down the street; rain "
            "falls in sheets, neon signs flicker, reflections tremble in the puddles."
        ),
    ),
    Scene(
        slug="dunes-and-moon",
        title="Dunes and moon",
        aspect_ratio="1:1",
        prompt_idea=(
            "Slow pan to the left with the caravan walking along the crest; sand drifts off the "
            "ridges, stars twinkle, the large moon rises behind thin clouds."
        ),
    ),
    Scene(
        slug="paper-cut-forest",
        title="Paper-cut forest",
        aspect_ratio="3:4",
        prompt_idea=(
            "Gentle parallax through the layers of paper into the clearing; the stag turns its head, "
            "birds cross the sun, warm light pulses from behind the sheets."
        ),
    ),
    Scene(
        slug="lighthouse-and-waves",
        title="Lighthouse and waves",
        aspect_ratio="4:3",
        prompt_idea=(
            "Handheld from a boat, rising and falling with the swell; waves burst against the rock, "
            "spray hangs in the air, the beam sweeps across racing clouds."
        ),
    ),
)

_PAINTERS: dict[str, Callable[[tuple[int, int], Dice], Canvas]] = {
    "harbour-at-dusk": harbour.draw,
    "mountain-lake-at-dawn": lake.draw,
    "neon-street-in-the-rain": city.draw,
    "dunes-and-moon": dunes.draw,
    "paper-cut-forest": forest.draw,
    "lighthouse-and-waves": lighthouse.draw,
}
_BY_SLUG = {scene.slug: scene for scene in SCENES}


def draw(
    slug: str, *, longest: int = 1600, seed: int = DEFAULT_SEED
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Draw a scene as RGB pixels; the same seed gives the same picture, another one its sister."""
    width, height = _BY_SLUG[slug].size(longest)
    dice = np.random.default_rng(seed)
    return finish(_PAINTERS[slug]((height, width), dice), dice)
