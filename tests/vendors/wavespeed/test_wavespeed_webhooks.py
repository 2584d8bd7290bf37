"""Webhooks. The test vector is our own, because the vendor's published one does not verify.

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
from tests.vendors.wavespeed.stage import BODIES, JOB, prediction, wrapped

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


def heard(headers=HEADERS, raw=BODY, **changes) -> WebhookHint:
    return parse_webhook(headers, raw, **{"secrets": [SECRET], "now": STAMP} | changes)


def signed(raw: bytes, key: bytes = SECRET.removeprefix("whsec_").encode()) -> dict[str, str]:
    digest = hmac.new(key, f"call-1.{STAMP}.".encode() + raw, hashlib.sha256).hexdigest()
    return {
        "webhook-id": "call-1",
        "webhook-timestamp": str(STAMP),
        "webhook-signature": f"v3,{digest}",
    }


def test_our_own_vector_verifies():
    assert heard() == HINT


@pytest.mark.parametrize(
    "written", [str.title, str.upper, lambda name: "HTTP_" + name.upper().replace("-", "_")]
)
def test_headers_are_found_however_they_are_written(written):
    assert heard({written(name): value for name, value in HEADERS.items()}) == HINT


@pytest.mark.parametrize("missing", HEADERS)
def test_a_call_without_one_of_the_headers_is_forged(missing):
    with pytest.raises(BadSignature):
        heard({name: value for name, value in HEADERS.items() if name != missing})


@pytest.mark.parametrize(
    "raw",
    [
        BODY + b"\n",
        BODY.replace(b"completed", b"failed"),
        json.dumps(json.loads(BODY)).encode(),
        b"",
    ],
)
def test_the_body_counts_byte_for_byte(raw):
    with pytest.raises(BadSignature):
        heard(raw=raw)


@pytest.mark.parametrize("late", [-300, -1, 0, 299.9, 300])
def test_a_call_is_heard_for_five_minutes_either_way(late):
    assert heard(now=STAMP + late) == HINT


@pytest.mark.parametrize("late", [-301, 300.1, 86400])
def test_a_call_from_another_time_is_forged(late):
    with pytest.raises(BadSignature, match="not from now"):
        heard(now=STAMP + late)


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1795219200.0", "¹²", "9" * 5000, f" {STAMP}"])
def test_a_time_that_is_none_is_forged(stamp):
    with pytest.raises(BadSignature):
        heard(HEADERS | {"webhook-timestamp": stamp})


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v3",
        "v3,",
        SIGNATURE.removeprefix("v3,"),
        SIGNATURE.replace("v3", "v2"),
        SIGNATURE.upper(),
        SIGNATURE[:-1],
        "v3,ünïcode",
        "v3,\ud800",
    ],
)
def test_a_signature_that_does_not_fit_is_forged(signature):
    with pytest.raises(BadSignature, match="no signature"):
        heard(HEADERS | {"webhook-signature": signature})


def test_one_fitting_signature_among_several_will_do():
    assert heard(HEADERS | {"webhook-signature": f"v3,{'0' * 64} v9,x {SIGNATURE}"}) == HINT


@pytest.mark.parametrize(
    "secrets", [[SECRET, "whsec_new"], ["whsec_new", SECRET], [SECRET.removeprefix("whsec_")]]
)
def test_one_fitting_secret_among_several_will_do(secrets):
    assert heard(secrets=secrets) == HINT


@pytest.mark.parametrize("secrets", [[], ["whsec_new"]])
def test_without_the_secret_nobody_is_believed(secrets):
    with pytest.raises(BadSignature):
        heard(secrets=secrets)


@pytest.mark.parametrize("secret", ["", "whsec_", "  "])
@pytest.mark.parametrize("derivation", ["text", "base64"])
def test_an_empty_secret_lets_nobody_sign(secret, derivation):
    with pytest.raises(BadSignature):
        heard(signed(BODY, key=b""), secrets=[secret], derivation=derivation)


def test_the_key_may_be_the_decoded_secret_where_the_account_says_so():
    key = b"thirty-two bytes of pure secrecy"
    secret = "whsec_" + base64.b64encode(key).decode()
    assert heard(signed(BODY, key=key), secrets=[secret], derivation="base64") == HINT
    with pytest.raises(BadSignature):
        heard(signed(BODY, key=key), secrets=[secret])
    with pytest.raises(BadSignature):
        heard(signed(BODY, key=key), secrets=["whsec_no base64!"], derivation="base64")


def test_a_job_may_come_wrapped_like_an_answer():
    raw = json.dumps(wrapped(prediction(status="failed"))).encode()
    assert heard(signed(raw), raw) == WebhookHint(vendor_job_id=JOB, progress=Progress.FAILED)


@given(BODIES)
def test_whatever_the_vendor_signs_is_a_hint_or_forged(raw):
    try:
        hint = heard(signed(raw), raw)
    except BadSignature:
        return
    assert hint.vendor_job_id


@given(
    headers=st.dictionaries(st.sampled_from([*HEADERS, "other"]) | st.text(), st.text()), raw=BODIES
)
def test_whatever_anybody_else_sends_is_forged(headers, raw):
    with pytest.raises(BadSignature):
        heard(headers, raw)
