"""Checks of an order's body (docs/vendor-contracts.md, section 3.2).

A wrong order is answered with HTTP 200 and a return code. Unknown keys are ignored, as gateways do.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.vendors.offer import Value

ADDRESS = re.compile(r"https?://\S+")
PROMPT_FLAG = re.compile(r"--(motion|bs|end|video)\s+(\S+)")
ANY_FLAG = re.compile(r"--(?:loop|raw)\b|--\w+(?:\s+(?!--)\S+)?")
DATA_URL = re.compile(r"data:(image/[a-z0-9.+-]+);base64,", re.IGNORECASE)
VIDEO_TYPES = {
    f"vid_1.1_i2v_{middle}{size}": f"{size}p"
    for middle in ("", "start_end_")
    for size in ("480", "720")
}
# Two names for one thing (docs/vendor-contracts.md, section 6, row 16).
AUTOMATIC = ("auto", "automatic")
MAX_PROMPT_CHARACTERS, MAX_STATE_CHARACTERS, MAX_WEBHOOK_CHARACTERS, MAX_ID_CHARACTERS = (
    8000,
    255,
    2000,
    64,
)
MAX_SEED = 2_147_483_647
EXTENSION_SECONDS = 4
DEFAULT_CLIPS = 4  # docs/vendor-contracts.md, section 4


class BadOrder(Exception):
    """An order that is refused, with the proxy's return code, its text and the HTTP status."""

    def __init__(self, message: str, *, code: int = 4, status: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedOrder:
    """A checked order; `picture` is an address, bytes, or None for an extension."""

    prompt: str
    picture: str | bytes | None
    clips: int
    state: str
    webhook_url: str
    parent: str
    index: int
    drawing: dict[str, Value]
    input: dict[str, object]


def parse_order(body: Mapping[str, Any]) -> ParsedOrder:
    """Return the checked order, in either form: the oldest one has the image in its prompt."""
    prompt = _optional_text(body, "prompt", MAX_PROMPT_CHARACTERS).strip()
    if not prompt:
        raise BadOrder("prompt cannot be empty")
    # A flag in the prompt wins over the body (docs/vendor-contracts.md, section 3.2).
    flags = dict(PROMPT_FLAG.findall(prompt))
    parent, index = _parent(body)
    picture = None if parent else _picture(body, prompt)
    motion = _one_of("motion", flags.get("motion", body.get("motion") or "low"), ("low", "high"))
    kind = _one_of("videoType", body.get("videoType") or "vid_1.1_i2v_480", tuple(VIDEO_TYPES))
    words = ANY_FLAG.sub("", ADDRESS.sub("", prompt)).strip()
    state = _optional_text(body, "state", MAX_STATE_CHARACTERS)
    drawing: dict[str, Value] = {
        "prompt": prompt,
        "words": words,
        "resolution": VIDEO_TYPES[kind],
        "motion": motion,
        "manner": "automatic" if body.get("animateMode") in AUTOMATIC else "manual",
        "seed": secrets.randbelow(MAX_SEED),
    }
    if parent:
        drawing |= {"parent": parent, "index": index, "seconds": EXTENSION_SECONDS}
    return ParsedOrder(
        prompt=prompt,
        picture=picture,
        clips=_clip_count(flags.get("bs", body.get("batchSize"))),
        state=state,
        webhook_url=_optional_text(body, "notifyHook", MAX_WEBHOOK_CHARACTERS),
        parent=parent,
        index=index,
        drawing=drawing,
        input={
            "prompt": prompt,
            "state": state,
            "videoType": kind,
            "motion": motion,
            "parentId": parent,
        },
    )


def decode_data_url(text: str) -> bytes | None:
    """Return the picture inside a data URL; None where there is none."""
    head = DATA_URL.match(text)
    try:
        return base64.b64decode(text[head.end() :], validate=True) if head else None
    except binascii.Error:
        return None


def _parent(body: Mapping[str, Any]) -> tuple[str, int]:
    task, index, action = (
        _optional_text(body, "taskId", MAX_ID_CHARACTERS),
        body.get("index"),
        body.get("action"),
    )
    if action not in (None, "", "extend"):
        raise BadOrder("action must be extend")
    if action != "extend":
        if task:
            raise BadOrder("taskId needs the action extend")
        return "", 0
    index = int(index) if isinstance(index, str) and index.isdecimal() else index
    if not task:
        raise BadOrder("taskId cannot be empty")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index <= 3:
        raise BadOrder("index must be from 0 to 3")
    return task, index


def _picture(body: Mapping[str, Any], prompt: str) -> str | bytes:
    image = body.get("image")
    if image is None or image == "":
        match = ADDRESS.search(prompt)
        if not match:
            raise BadOrder("image cannot be empty")
        return match.group()
    if not isinstance(image, str):
        raise BadOrder("image must be a text")
    if ADDRESS.fullmatch(image.strip()):
        return image.strip()
    content = decode_data_url(image)
    if content is None:
        raise BadOrder("base64 format error")
    return content


def _clip_count(given: object) -> int:
    for clips in (1, 2, 4):
        if given is not None and str(given) == str(clips):
            return clips
    if given is None:
        return DEFAULT_CLIPS
    raise BadOrder("batchSize must be 1, 2 or 4")


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise BadOrder(f"{name} must be one of {', '.join(choices)}")
    return str(value)


def _optional_text(body: Mapping[str, Any], name: str, max_characters: int) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadOrder(f"{name} must be a text")
    text = (value or "").encode("utf-8", "replace").decode()
    if len(text) > max_characters:
        raise BadOrder(f"{name} must be no longer than {max_characters} characters")
    return text
