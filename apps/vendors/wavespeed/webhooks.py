"""WaveSpeedAI's calls to us: who proves to be the vendor gives a hint to ask.

Source: docs/vendor-contracts.md, section 1.10.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence

from apps.vendors.errors import BadSignature
from apps.vendors.http import clean_text, parse_json
from apps.vendors.types import Derivation, WebhookHint
from apps.vendors.wavespeed.answers import job_in
from apps.vendors.wavespeed.parsing import job_id_of, progress_in, word_of

MAX_AGE_SECONDS = 300  # seconds
VERSION = "v3"
PREFIX = "whsec_"
MAX_TIMESTAMP_DIGITS = 12
MAX_SIGNATURES = 10


def parse_webhook(
    headers: Mapping[str, str],
    raw: bytes,
    *,
    secrets: Sequence[str],
    now: float,
    derivation: Derivation = "text",
) -> WebhookHint:
    """Return which job the vendor calls about, or raise BadSignature; `raw` is the body, byte for byte."""
    given = {_plain(name): value for name, value in headers.items()}
    stamp = given.get("webhook-timestamp", "")
    if not _is_fresh(stamp, now):
        raise BadSignature("The call is not from now.")
    call_id = given.get("webhook-id", "")
    signed = f"{call_id}.{stamp}.".encode("utf-8", "replace") + raw
    signatures = given.get("webhook-signature", "") if call_id else ""
    if not _is_signed(signed, signatures, list(_keys(secrets, derivation))):
        raise BadSignature("The call carries no signature of the vendor's.")
    return _hint(raw)


def _plain(name: str) -> str:
    """Return a header's name however it arrived: Webhook-Id, webhook-id, HTTP_WEBHOOK_ID.

    Source: docs/vendor-contracts.md, section 7, trap 5.
    """
    return name.lower().removeprefix("http_").replace("_", "-")


def _is_fresh(stamp: str, now: float) -> bool:
    written = stamp.isascii() and stamp.isdigit() and len(stamp) <= MAX_TIMESTAMP_DIGITS
    return written and abs(now - int(stamp)) <= MAX_AGE_SECONDS


def _keys(secrets: Sequence[str], derivation: Derivation) -> Iterator[bytes]:
    """Return the keys to try; an empty one would let anybody sign."""
    for secret in secrets:
        text = secret.strip().removeprefix(PREFIX)
        key = text.encode() if derivation == "text" else _decode_base64(text)
        if key:
            yield key


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_signed(signed: bytes, signatures: str, keys: Sequence[bytes]) -> bool:
    """Hold every signature against every key, in the same time whether one fits or none."""
    wanted = [hmac.new(key, signed, hashlib.sha256).hexdigest().encode() for key in keys]
    fits = False
    for part in signatures.split()[:MAX_SIGNATURES]:
        version, _, digest = part.partition(",")
        for want in wanted:
            fits |= version == VERSION and hmac.compare_digest(
                want, digest.encode("utf-8", "replace")
            )
    return fits


def _hint(raw: bytes) -> WebhookHint:
    """Read a job that comes bare, as documented, or wrapped, as answers are.

    Source: docs/vendor-contracts.md, section 7, trap 4.
    """
    job = job_in(parse_json(raw))
    if not (job_id := job_id_of(job)):
        raise BadSignature("The call names no job.")
    return WebhookHint(vendor_job_id=job_id, progress=progress_in(word_of(job, clean_text)))
