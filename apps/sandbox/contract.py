"""WaveSpeedAI's contract from the vendor's side: which orders are taken, and how a job is told.

Sources: the model page (S-A) for the twelve keys; vendor contracts 1.3 and 2.3 for the answers.
"""

import json
import secrets
from decimal import Decimal
from urllib.parse import urlsplit

from apps.sandbox.store import Job
from apps.vendors.parameters import BadParameter, checked
from apps.vendors.types import Value
from apps.vendors.wavespeed.schema import OFFER

MODEL = OFFER.model
LARGEST_SEED = 2_147_483_647
LONGEST_TEXT = 8000


class BadOrder(Exception):
    """An order that is not taken; the message says which key is wrong and what it must be."""


def read_order(raw: bytes) -> dict[str, Value]:
    """Return the complete input of an order, every key present and checked, a seed drawn where none is."""
    body = _object(raw)
    words = {"image": _image(body.pop("image", None)), "prompt": _text("prompt", body.pop("prompt", None))}
    try:
        rest = checked(OFFER, _without_nulls(body))
    except BadParameter as error:
        raise BadOrder(_said(error)) from None
    if rest["seed"] == -1:
        rest["seed"] = secrets.randbelow(LARGEST_SEED + 1)
    return {**words, **rest}


def price_of(request: dict[str, Value]) -> Decimal:
    """Return what an order costs."""
    return OFFER.prices[str(request["resolution"])]


def prediction(job: Job, *, base: str, output: str) -> dict[str, object]:
    """Return a job in the vendor's words; `base` is the address we were asked at."""
    done = job.status == "completed"
    return {
        "id": job.id,
        "model": MODEL,
        "input": job.input,
        "outputs": [output] if done else [],
        "urls": {"get": f"{base}/api/v3/predictions/{job.id}/result"},
        "has_nsfw_contents": [job.nsfw] if done else [],
        "status": job.status,
        "created_at": job.created_at,
        "error": job.error,
        "code": job.code,
        "executionTime": job.inference_ms,
        "timings": {"inference": job.inference_ms},
    }


def envelope(data: object, *, code: int = 200, message: str = "success") -> dict[str, object]:
    """Wrap an answer as the vendor does."""
    return {"code": code, "message": message, "data": data}


def _object(raw: bytes) -> dict[str, object]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadOrder("The body must be a JSON object.")
    return body


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadOrder(f"{name} is required and must be a text.")
    if len(value) > LONGEST_TEXT:
        raise BadOrder(f"{name} must be no longer than {LONGEST_TEXT} characters.")
    return value.encode("utf-8", "replace").decode()


def _image(value: object) -> str:
    image = _text("image", value).strip()
    try:
        good = urlsplit(image).scheme in {"http", "https"}
    except ValueError:
        good = False
    if not good:
        raise BadOrder("image must be an address that starts with http:// or https://.")
    return image


def _without_nulls(body: dict[str, object]) -> dict[str, object]:
    for name, value in body.items():
        if value is None:
            raise BadOrder(f"{name} must not be null; leave it out instead.")
    return body


def _said(error: BadParameter) -> str:
    known = any(parameter.name == error.field for parameter in OFFER.parameters)
    return str(error) if known else f"{error.field} is not a parameter of {MODEL}."
