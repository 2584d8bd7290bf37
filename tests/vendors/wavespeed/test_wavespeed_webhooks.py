"""Webhooks. The test vector is our own: the vendor's published one does not verify.

Source: docs/vendor-contracts.md, section 1.10.
"""

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vendors.errors import BadSignature
from apps.vendors.types import Progress, WebhookHint
from apps.vendors.wavespeed.webhooks import parse_webhook
from tests.support.cases import case
from tests.vendors.wavespeed.server import BODIES, JOB, envelope, prediction

SECRET = "whsec_" + "0123456789abcdef" * 4
STAMP = 1795219200
SIGNATURE = "v3,edda4494015cf0302b5bbf04a5a99fee6f140e9cbea2700ff700b97d084cbf78"
BODY = (
    b'{"id":"5f0c2d9b7a164e3f8b1d6a2c9e407f31","model":"midjourney/image-to-video","status":"completed",'
    b'"outputs":["https://cdn.example.test/out/1.mp4"],"has_nsfw_contents":[false],"error":"",'
    b'"timings":{"inference":41873}}'
)
HEADERS = {"webhook-id": JOB, "webhook-timestamp": str(STAMP), "webhook-signature": SIGNATURE}
HINT = WebhookHint(vendor_job_id=JOB, progress=Progress.DONE)


def parse_call(headers=HEADERS, raw=BODY, **changes) -> WebhookHint:
    return parse_webhook(headers, raw, **{"secrets": [SECRET], "now": STAMP} | changes)


def signed_headers(
    raw: bytes, key: bytes = SECRET.removeprefix("whsec_").encode()
) -> dict[str, str]:
    digest = hmac.new(key, f"call-1.{STAMP}.".encode() + raw, hashlib.sha256).hexdigest()
    return {
        "webhook-id": "call-1",
        "webhook-timestamp": str(STAMP),
        "webhook-signature": f"v3,{digest}",
    }


def test_our_own_test_vector_verifies():
    assert parse_call() == HINT


def test_headers_are_found_in_any_case():
    for written in [str.title, str.upper, lambda name: "HTTP_" + name.upper().replace("-", "_")]:
        with case(written):
            assert parse_call({written(name): value for name, value in HEADERS.items()}) == HINT


def test_a_webhook_without_one_of_the_headers_is_refused():
    for missing in HEADERS:
        with case(missing), pytest.raises(BadSignature):
            parse_call({name: value for name, value in HEADERS.items() if name != missing})


def test_a_changed_body_is_refused():
    cases = [
        BODY + b"\n",
        BODY.replace(b"completed", b"failed"),
        json.dumps(json.loads(BODY)).encode(),
        b"",
    ]
    for raw in cases:
        with case(raw), pytest.raises(BadSignature):
            parse_call(raw=raw)


def test_a_webhook_may_be_five_minutes_early_or_late():
    for late in [-300, -1, 0, 299.9, 300]:
        with case(late):
            assert parse_call(now=STAMP + late) == HINT


def test_a_webhook_outside_five_minutes_is_refused():
    for late in [-301, 300.1, 86400]:
        with case(late), pytest.raises(BadSignature, match="not from now"):
            parse_call(now=STAMP + late)


def test_an_invalid_timestamp_is_refused():
    for stamp in ["", "now", "-1", "1795219200.0", "¹²", "9" * 5000, f" {STAMP}"]:
        with case(stamp), pytest.raises(BadSignature):
            parse_call(HEADERS | {"webhook-timestamp": stamp})


def test_an_invalid_signature_is_refused():
    cases = [
        "",
        "v3",
        "v3,",
        SIGNATURE.removeprefix("v3,"),
        SIGNATURE.replace("v3", "v2"),
        SIGNATURE.upper(),
        SIGNATURE[:-1],
        "v3,ünïcode",
        "v3,\ud800",
    ]
    for signature in cases:
        with case(signature), pytest.raises(BadSignature, match="no signature"):
            parse_call(HEADERS | {"webhook-signature": signature})


def test_one_valid_signature_among_several_is_enough():
    assert parse_call(HEADERS | {"webhook-signature": f"v3,{'0' * 64} v9,x {SIGNATURE}"}) == HINT


def test_one_matching_secret_among_several_is_enough():
    for secrets in [[SECRET, "whsec_new"], ["whsec_new", SECRET], [SECRET.removeprefix("whsec_")]]:
        with case(secrets):
            assert parse_call(secrets=secrets) == HINT


def test_without_the_secret_every_webhook_is_refused():
    for secrets in [[], ["whsec_new"]]:
        with case(secrets), pytest.raises(BadSignature):
            parse_call(secrets=secrets)


def test_an_empty_secret_verifies_nothing():
    for secret in ["", "whsec_", "  "]:
        for key_encoding in ["text", "base64"]:
            with case((secret, key_encoding)), pytest.raises(BadSignature):
                parse_call(
                    signed_headers(BODY, key=b""), secrets=[secret], key_encoding=key_encoding
                )


def test_the_key_may_be_the_decoded_secret():
    key = b"thirty-two bytes of pure secrecy"
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = signed_headers(BODY, key=key)
    assert parse_call(headers, secrets=[secret], key_encoding="base64") == HINT
    with pytest.raises(BadSignature):
        parse_call(headers, secrets=[secret])
    with pytest.raises(BadSignature):
        parse_call(headers, secrets=["whsec_no base64!"], key_encoding="base64")


def test_a_job_may_be_in_an_envelope():
    raw = json.dumps(envelope(prediction(status="failed"))).encode()
    assert parse_call(signed_headers(raw), raw) == WebhookHint(
        vendor_job_id=JOB, progress=Progress.FAILED
    )


@given(BODIES)
def test_a_random_signed_body_is_a_hint_or_refused(raw):
    try:
        hint = parse_call(signed_headers(raw), raw)
    except BadSignature:
        return
    assert hint.vendor_job_id


@given(
    headers=st.dictionaries(st.sampled_from([*HEADERS, "other"]) | st.text(), st.text()), raw=BODIES
)
def test_random_unsigned_webhooks_are_refused(headers, raw):
    with pytest.raises(BadSignature):
        parse_call(headers, raw)
