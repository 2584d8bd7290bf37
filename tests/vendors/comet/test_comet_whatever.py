"""Random answers: none raises another error, and none makes us repeat an accepted order."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from apps.vendors.comet.answers_to_errors import error_of_order, error_of_query
from apps.vendors.comet.parsing import MAX_OUTPUTS, receipt_of, report_of, uploaded_url_of
from apps.vendors.comet.webhooks import parse_webhook
from apps.vendors.errors import BadSignature, Refused, TryLater, VendorError
from apps.vendors.http import MAX_TEXT_CHARACTERS, read
from apps.vendors.types import Receipt, Report
from tests.vendors.comet.scripted import JOB, KEY, Line, job_queries, task

NAMES = [*task(), "code", "result", "error", "message", "url", "imageUrls", "type"]
WORDS = [
    "SUCCESS",
    "FAILURE",
    "MODAL",
    "CANCEL",
    "队列已满",
    "取消任务",
    "banned prompt",
    "task_no_found",
    "quota_not_enough",
    "insert_midjourney_task_failed",
    "58%",
    JOB,
    "https://cdn.example.test/0.mp4",
    "[[[",
    '["https://cdn.example.test/0.mp4"]',
    "\ud800\x00",
    "http://[::1",
    KEY,
    "",
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(WORDS)
    | st.sampled_from([1, 21, 22, 23, 24, 3, 4, 5, 9, 30, 1795219200123])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=8)
    ),
    max_leaves=20,
)
TASKS = st.builds(
    lambda base, changes, gone: {
        name: value for name, value in (base | changes).items() if name not in gone
    },
    st.builds(task),
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6),
    st.sets(st.sampled_from(NAMES), max_size=2),
)
ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        "code": st.sampled_from(
            [None, 0, 1, 3, 4, 5, 9, 21, 22, 23, 24, 30, 77, 400, "1", "x", True, 1.0, []]
        ),
        "result": st.sampled_from(
            [None, "", [], {}, JOB, int(JOB), [JOB], ["1", "2"], {"id": 1}, "two words", 0, False]
        ),
        "description": st.sampled_from(WORDS),
        "error": st.sampled_from([None, "words", {"message": "队列已满"}, {"message": 7}, []]),
        "type": st.just("upstream_error"),
    },
)
BODIES = (
    ENVELOPES.map(lambda value: json.dumps(value).encode())
    | VALUES.map(lambda value: json.dumps(value).encode())
    | TASKS.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=200)
    | st.sampled_from([b"", b"null", b"<html>", b"[" * 5000, b'{"code":1,"result":"1795'])
)
NOES = [400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 429, 451, 499]
STATUSES = st.sampled_from(
    [200, 201, 202, 204, 301, 304, *NOES, 500, 501, 502, 503, 504, 522, 524, 599]
)
BODILESS = {204, 304}


def answer(body, status=200):
    return read(status, {}, body, secret=KEY)


def fit(text):
    """Tell whether a text can be kept and shown: short, whole, without our key."""
    text.encode()
    return len(text) <= MAX_TEXT_CHARACTERS and "\x00" not in text and KEY not in text


def hides_an_order(status, body):
    """Tell whether an order may have been taken, from the outside and by the plainest of rules."""
    if status >= 500 or status == 408:
        return True
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return 200 <= status < 300
    code = said.get("code")
    return (200 <= status < 300 and bool(said.get("result"))) or (
        code is not True and code in (1, 21, 22, 5, "1")
    )


def outcome(call, *args):
    """Return the result of a call, or the VendorError it raised."""
    try:
        return call(*args)
    except VendorError as trouble:
        return trouble


@given(STATUSES, BODIES)
def test_a_random_answer_to_an_order_is_a_receipt_or_a_safe_error(scripted_vendor, status, body):
    body = b"" if status in BODILESS else body
    found = outcome(scripted_vendor.says(Line(status=status, body=body)).submit)
    if isinstance(found, Receipt):
        assert fit(found.vendor_job_id)
        assert 200 <= status < 300
    else:
        assert fit(found.vendor_message)
        assert not (isinstance(found, TryLater | Refused) and hides_an_order(status, body))
    assert len(scripted_vendor.seen) == 1


@given(STATUSES, BODIES)
def test_a_random_answer_to_a_poll_is_a_report_or_an_error(scripted_vendor, status, body):
    scripted_vendor.says(Line(status=status, body=b"" if status in BODILESS else body))
    assert isinstance(outcome(scripted_vendor.report), Report | TryLater | Refused)
    assert isinstance(
        outcome(scripted_vendor.ask, "reports", job_queries(JOB)), dict | TryLater | Refused
    )


@example(task(id=KEY))
@given(TASKS | VALUES)
def test_a_random_task_is_parsed_or_ignored(said):
    report = report_of(answer(b""), said)
    if report is not None:
        assert all(
            map(fit, (report.vendor_status, report.vendor_job_id, report.reason, report.reference))
        )
        assert len(report.outputs) <= MAX_OUTPUTS
        assert all(
            output.nsfw is None and output.url.startswith("http") for output in report.outputs
        )


@given(STATUSES, BODIES)
def test_a_random_answer_has_an_error_for_orders_and_for_queries(status, body):
    said = answer(body, status)
    assert isinstance(error_of_order(said), VendorError)
    assert isinstance(error_of_query(said), TryLater | Refused)
    receipt_of(said)
    address = uploaded_url_of(said)
    assert not address or address.startswith("http")


@given(BODIES)
def test_a_random_webhook_names_a_job_or_is_refused(body):
    try:
        hint = parse_webhook({}, body)
    except BadSignature:
        return
    assert 0 < len(hint.vendor_job_id) <= 200
