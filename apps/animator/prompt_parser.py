"""Parse a motion prompt into camera moves and moving elements of the scene."""

import re
from dataclasses import dataclass
from enum import StrEnum, auto


class Move(StrEnum):
    """The moves of the camera."""

    PAN_LEFT = auto()
    PAN_RIGHT = auto()
    TILT_UP = auto()
    TILT_DOWN = auto()
    ZOOM_IN = auto()
    ZOOM_OUT = auto()
    PUSH_IN = auto()
    PULL_OUT = auto()
    TRUCK_LEFT = auto()
    TRUCK_RIGHT = auto()
    CRANE_UP = auto()
    CRANE_DOWN = auto()
    ORBIT_LEFT = auto()
    ORBIT_RIGHT = auto()
    ROLL_LEFT = auto()
    ROLL_RIGHT = auto()


class Element(StrEnum):
    """Parts of the scene that can move by themselves."""

    WIND = auto()
    WATER = auto()
    CLOUDS = auto()
    BREATH = auto()
    RAIN = auto()
    SNOW = auto()
    FOG = auto()
    SMOKE = auto()
    LIGHT = auto()
    FLICKER = auto()
    LIGHTNING = auto()
    DUST = auto()
    EMBERS = auto()
    FIREFLIES = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPrompt:
    """A parsed prompt; each step has the moves that happen at the same time."""

    steps: tuple[tuple[Move, ...], ...] = ()
    elements: tuple[Element, ...] = ()
    unwanted: frozenset[Element] = frozenset()
    still: bool = False
    handheld: bool = False
    pace: float = 1.0


_GO = r"(?:mov|slid|track|truck|glid|travel|drift|fl[yi])\w*"
_CAM = r"(?:camera|shot|view|frame)"
_GAP = r"(?:\s+\w+){0,2}?\s+"

MOVES: dict[Move, str] = {
    Move.PAN_LEFT: rf"\bpan\w*{_GAP}left|\bleft(?:ward)?\s+pan|look\w* left",
    Move.PAN_RIGHT: (
        rf"\bpan\w*{_GAP}right|\bright(?:ward)?\s+pan|look\w* right"
        rf"|\bpan(?:s|ning)?\b(?!{_GAP}(?:left|up|down))"
    ),
    Move.TILT_UP: rf"\btilt\w*{_GAP}up|\bpan\w*{_GAP}up|look\w* up",
    Move.TILT_DOWN: rf"\btilt\w*{_GAP}down|\bpan\w*{_GAP}down|look\w* down",
    Move.ZOOM_IN: rf"\bzoom\w*{_GAP}in|\bzoom(?:s|ing)?\b(?!{_GAP}(?:out|back|away))",
    Move.ZOOM_OUT: rf"\bzoom\w*{_GAP}(?:out|back|away)|\breveal\w*",
    Move.PUSH_IN: (
        r"\bpush\w*[\s-]+in\b|\bdoll(?:y|ies)\w*[\s-]+(?:in|forward)|\bmov\w+\s+(?:closer|forward|in\b|towards?)"
        r"|\bapproach\w*|\bfl(?:y|ies|ying)\s+(?:through|over|forward|into)|\bdolly\b(?!\w*[\s-]+(?:out|back))|\bhyperlapse"
    ),
    Move.PULL_OUT: (
        r"\bpull\w*[\s-]+(?:out|back|away)|\bdoll(?:y|ies)\w*[\s-]+(?:out|back)|\bmov\w+\s+(?:back|away)"
        r"|\bback\w*\s+away"
    ),
    Move.TRUCK_LEFT: (
        rf"\b{_CAM}{_GAP}?\s*{_GO}\s+(?:\w+\s+)?left|\b(?:truck|track|slid)\w*{_GAP}left"
    ),
    Move.TRUCK_RIGHT: (
        rf"\b{_CAM}{_GAP}?\s*{_GO}\s+(?:\w+\s+)?right|\b(?:truck|track|slid)\w*{_GAP}right"
        r"|\btracking shot\b|\bparallax\b"
    ),
    Move.CRANE_UP: (
        rf"\b(?:crane|pedestal|boom|jib)\w*{_GAP}up|\b{_CAM}{_GAP}?\s*(?:ris|rais|lift|ascend)\w*"
        r"|\bascend\w*|\b(?:crane|aerial|drone) shot"
    ),
    Move.CRANE_DOWN: (
        rf"\b(?:crane|pedestal|boom|jib)\w*{_GAP}down|\b{_CAM}{_GAP}?\s*(?:lower|sink|descend)\w*"
        r"|\bdescend\w*"
    ),
    Move.ORBIT_LEFT: rf"\b(?:orbit|arc|circl)\w*{_GAP}(?:left|counter\w*)",
    Move.ORBIT_RIGHT: (
        rf"\b(?:orbit|arc)(?:s|ing)?\b(?!{_GAP}(?:left|counter))|\b(?:circl|rotat|revolv)\w+\s+around|\bturntable\b|\b3d\b"
    ),
    Move.ROLL_LEFT: rf"\b(?:roll|rotat)\w*{_GAP}(?:left|counter\w*)",
    Move.ROLL_RIGHT: (
        rf"\b(?:roll|rotat)\w*{_GAP}(?:right|clockwise)|\b{_CAM} rolls?\b|\bbarrel roll|\bdutch\b"
    ),
}

ELEMENTS: dict[Element, str] = {
    Element.WIND: (
        r"\bwind(?:s|y)?\b|\bbreez\w+|\bsway\w*|\brustl\w+|\bflutter\w*|\bgust\w*|\bblow\w*"
        r"|\bbillow\w*|\bleaves\b"
    ),
    Element.WATER: (
        r"\bwater\w*|\bwaves?\b|\bsea\b|\bocean\b|\bripp?l\w+|\briver\b|\blake\b|\bstream\b"
        r"|\btide\b|\bsurf\b"
    ),
    Element.CLOUDS: r"\bclouds?\b|\bcloudy\b|\bsky\b|\bskies\b|\btime-?lapse",
    Element.BREATH: r"\bbreath\w*|\binhal\w*|\balive\b|\bpuls\w+",
    Element.RAIN: r"\brain\w*|\bdrizzl\w*|\bdownpour|\bstorm\w*|\bthunder\w*",
    Element.SNOW: r"\bsnow\w*|\bblizzard|\bwinter",
    Element.FOG: r"\bfog\w*|\bmist\w*|\bhaz[ey]\w*",
    Element.SMOKE: r"\bsmok\w+|\bsteam\w*|\bvapou?r\w*",
    Element.LIGHT: (
        r"\b(?:sun)?light\s+(?:shift|chang|sweep|play|mov|danc)\w*|\bsun(?:light|beams?|rays|shine|rise|set)?\b|\bglow\w*"
        r"|\bgolden hour|\b(?:god|light) rays|\bshimmer\w*|\blight (?:leak|beam)s?"
    ),
    Element.FLICKER: (
        r"\bflicker\w*|\bcandle\w*|\bflames?\b|\bfire(?:s|light|place)?\b|\btorch\w*|\bneon\b"
        r"|\bblink\w* lights?"
    ),
    Element.LIGHTNING: r"\blightning|\bthunder\w*",
    Element.DUST: (
        r"\bdust\w*|\bparticles?\b|\bmotes?\b|\bpollen\b|\bbokeh\b|\bsparkl\w+|\bmagic\w*"
    ),
    Element.EMBERS: r"\bembers?\b|\bsparks?\b|\bash(?:es)?\b",
    Element.FIREFLIES: r"\bfirefl(?:y|ies)",
}

_STILL = (
    r"\b(?:static|stationary|locked|fixed|motionless)\b|\btripod\b|\bstill (?:camera|shot|frame)"
    r"|\b(?:no|without) (?:any )?camera (?:movement|motion|moves?)"
    r"|\bcamera (?:stays|remains|is|holds) still"
)
_HANDHELD = r"\bhand-?\s?held\b|\bshak[ey]\w*|\bdocumentary\b|\bjitter\w*|\bearthquake"
_SLOW = r"\bslow\w*|\bgent(?:le|ly)\b|\bsubt(?:le|ly)\b|\bsoft(?:ly)?\b|\bslight(?:ly)?\b|\bcalm\w*"
_FAST = (
    r"\bfast\w*|\bquick\w*|\brapid\w*|\bdramatic\w*|\bstrong\w*|\bheavy\b|\bintense\w*|\bwild\w*"
)
_NOT = re.compile(r"(?:\bno|\bwithout|\bnever|\bnot|\bdon['’]?t|\bavoid)(?:\s+\w+){0,2}\s*$")
_STEP = re.compile(r"\bthen\b|\bafter(?:wards| that)\b|\bfinally\b|\bfollowed by\b|[;→]|\.\s")
_NOISE = re.compile(r"https?://\S+|--\w+(?:\s+[\w:.]+)?")


def parse_prompt(prompt: str) -> ParsedPrompt:
    """Parse a prompt; unknown words are ignored."""
    text = _NOISE.sub(" ", prompt.lower().replace("_", " "))
    steps = tuple(moves for part in _STEP.split(text) if (moves := _moves(part)))
    elements = {element: _is_wanted(text, pattern) for element, pattern in ELEMENTS.items()}
    return ParsedPrompt(
        steps=steps,
        elements=tuple(element for element, asked in elements.items() if asked),
        unwanted=frozenset(element for element, asked in elements.items() if asked is False),
        still=re.search(_STILL, text) is not None and not steps,
        handheld=bool(_is_wanted(text, _HANDHELD)),
        pace=_pace(text),
    )


def _moves(part: str) -> tuple[Move, ...]:
    return tuple(move for move, pattern in MOVES.items() if _is_wanted(part, pattern))


def _is_wanted(text: str, pattern: str) -> bool | None:
    """Return True if the pattern is wanted, False if negated, None if it does not occur."""
    starts = [match.start() for match in re.finditer(pattern, text)]
    if not starts:
        return None
    return any(_NOT.search(text[:start]) is None for start in starts)


def _pace(text: str) -> float:
    slow = re.search(_SLOW, text)
    fast = re.search(_FAST, text)
    if (slow is None) == (fast is None):
        return 1.0
    return 0.65 if slow else 1.45
