"""WaveSpeedAI's webhooks: a valid signature makes a webhook a reason to poll.

Source: docs/vendor-contracts.md, section 1.10.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence

from apps.vendors.errors import BadSignature
from apps.vendors.http import clean_text, parse_json
from apps.vendors.types import KeyEncoding, WebhookHint
from apps.vendors.wavespeed.answers import job_in
from apps.vendors.wavespeed.parsing import job_id_of, progress_of, status_of

MAX_AGE_SECONDS = 300
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
    key_encoding: KeyEncoding = "text",
) -> WebhookHint:
    """Return the job of a webhook, or raise BadSignature; `raw` is the body, byte for byte."""
    given = {_header_name(name): value for name, value in headers.items()}
    stamp = given.get("webhook-timestamp", "")
    if not _is_fresh(stamp, now):
        raise BadSignature("The call is not from now.")
    call_id = given.get("webhook-id", "")
    signed = f"{call_id}.{stamp}.".encode("utf-8", "replace") + raw
    signatures = given.get("webhook-signature", "") if call_id else ""
    if not _is_signed(signed, signatures, list(_keys(secrets, key_encoding))):
        raise BadSignature("The call carries no signature of the vendor's.")
    return _hint(raw)


def _header_name(name: str) -> str:
    """Return a header's name from any of its forms: Webhook-Id, webhook-id, HTTP_WEBHOOK_ID.

    Source: docs/vendor-contracts.md, section 7, trap 5.
    """
    return name.lower().removeprefix("http_").replace("_", "-")


def _is_fresh(stamp: str, now: float) -> bool:
    written = stamp.isascii() and stamp.isdigit() and len(stamp) <= MAX_TIMESTAMP_DIGITS
    return written and abs(now - int(stamp)) <= MAX_AGE_SECONDS


def _keys(secrets: Sequence[str], key_encoding: KeyEncoding) -> Iterator[bytes]:
    """Return the keys to try, without empty ones: anybody can sign with an empty key."""
    for secret in secrets:
        text = secret.strip().removeprefix(PREFIX)
        key = text.encode() if key_encoding == "text" else _decode_base64(text)
        if key:
            yield key


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_signed(signed: bytes, signatures: str, keys: Sequence[bytes]) -> bool:
    """Compare every signature with every key, in a time that does not depend on the result."""
    expected_digests = [hmac.new(key, signed, hashlib.sha256).hexdigest().encode() for key in keys]
    matches = False
    for signature in signatures.split()[:MAX_SIGNATURES]:
        version, _, digest = signature.partition(",")
        for expected in expected_digests:
            matches |= version == VERSION and hmac.compare_digest(
                expected, digest.encode("utf-8", "replace")
            )
    return matches


def _hint(raw: bytes) -> WebhookHint:
    """Return the hint of a job that is bare, as documented, or wrapped, as answers are.

    Source: docs/vendor-contracts.md, section 7, trap 4.
    """
    job = job_in(parse_json(raw))
    if not (job_id := job_id_of(job)):
        raise BadSignature("The call names no job.")
    return WebhookHint(vendor_job_id=job_id, progress=progress_of(status_of(job, clean_text)))
