"""Which orders midjourney-proxy takes, and what is drawn for them (vendor contracts 3.2).

A wrong order is answered with HTTP 200 and a return code. Unknown keys are passed over, as gateways
do.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.vendors.types import Value

ADDRESS = re.compile(r"https?://\S+")
FLAG = re.compile(r"--(motion|bs|end|video)\s+(\S+)")
ANY_FLAG = re.compile(r"--(?:loop|raw)\b|--\w+(?:\s+(?!--)\S+)?")
INLINE = re.compile(r"data:(image/[a-z0-9.+-]+);base64,", re.IGNORECASE)
TYPES = {
    f"vid_1.1_i2v_{middle}{size}": f"{size}p"
    for middle in ("", "start_end_")
    for size in ("480", "720")
}
AUTOMATIC = ("auto", "automatic")  # two names for one thing (contracts 6, row 16)
LONGEST_PROMPT, LONGEST_STATE, LONGEST_HOOK, LONGEST_ID = 8000, 255, 2000, 64
LARGEST_SEED = 2_147_483_647
EXTENSION_SECONDS = 4


class BadOrder(Exception):
    """An order that is not taken: the proxy's return code, its words, and the HTTP status it comes with."""

    def __init__(self, message: str, *, code: int = 4, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """An order in good form; `picture` is an address or bytes, and None where a parent's clip goes on."""

    prompt: str
    picture: str | bytes | None
    clips: int
    state: str
    hook: str
    parent: str
    index: int
    wish: dict[str, Value]
    input: dict[str, object]


def read_order(body: Mapping[str, Any]) -> Read:
    """Return an order in the documented form or in the seed's, whose prompt starts with the image's address."""
    prompt = _text(body, "prompt", LONGEST_PROMPT).strip()
    if not prompt:
        raise BadOrder("prompt cannot be empty")
    # what is typed in the prompt wins over the body (contracts 3.2)
    flags = dict(FLAG.findall(prompt))
    parent, index = _parent(body)
    picture = None if parent else _picture(body, prompt)
    motion = _one_of("motion", flags.get("motion", body.get("motion") or "low"), ("low", "high"))
    kind = _one_of("videoType", body.get("videoType") or "vid_1.1_i2v_480", tuple(TYPES))
    words = ANY_FLAG.sub("", ADDRESS.sub("", prompt)).strip()
    state = _text(body, "state", LONGEST_STATE)
    wish: dict[str, Value] = {
        "prompt": prompt,
        "words": words,
        "resolution": TYPES[kind],
        "motion": motion,
        "manner": "automatic" if body.get("animateMode") in AUTOMATIC else "manual",
        "seed": secrets.randbelow(LARGEST_SEED),
    }
    if parent:
        wish |= {"parent": parent, "index": index, "seconds": EXTENSION_SECONDS}
    return Read(
        prompt=prompt,
        picture=picture,
        clips=_clips(flags.get("bs", body.get("batchSize"))),
        state=state,
        hook=_text(body, "notifyHook", LONGEST_HOOK),
        parent=parent,
        index=index,
        wish=wish,
        input={
            "prompt": prompt,
            "state": state,
            "videoType": kind,
            "motion": motion,
            "parentId": parent,
        },
    )


def inline_picture(text: str) -> bytes | None:
    """Return the picture inside a data: address; None where there is none."""
    head = INLINE.match(text)
    try:
        return base64.b64decode(text[head.end() :], validate=True) if head else None
    except binascii.Error:
        return None


def _parent(body: Mapping[str, Any]) -> tuple[str, int]:
    task, index, action = _text(body, "taskId", LONGEST_ID), body.get("index"), body.get("action")
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
        found = ADDRESS.search(prompt)
        if not found:
            raise BadOrder("image cannot be empty")
        return found.group()
    if not isinstance(image, str):
        raise BadOrder("image must be a text")
    if ADDRESS.fullmatch(image.strip()):
        return image.strip()
    content = inline_picture(image)
    if content is None:
        raise BadOrder("base64 format error")
    return content


def _clips(given: object) -> int:
    for clips in (1, 2, 4):
        if given is not None and str(given) == str(clips):
            return clips
    if given is None:
        return 4  # what Midjourney makes where nobody asks for fewer (contracts 4)
    raise BadOrder("batchSize must be 1, 2 or 4")


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise BadOrder(f"{name} must be one of {', '.join(choices)}")
    return str(value)


def _text(body: Mapping[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadOrder(f"{name} must be a text")
    text = (value or "").encode("utf-8", "replace").decode()
    if len(text) > longest:
        raise BadOrder(f"{name} must be no longer than {longest} characters")
    return text
