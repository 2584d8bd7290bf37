import json
import logging
import ssl
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vendors import http
from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure, VendorError
from apps.vendors.types import Order, Output, Progress
from apps.vendors.wavespeed.client import WaveSpeed
from apps.vendors.wavespeed.parsing import PROGRESS
from tests.vendors.wavespeed.stage import (
    BASE,
    BODIES,
    JOB,
    KEY,
    NAMES,
    ORDER,
    WILD,
    answering,
    enveloped,
    failing,
    prediction,
    wavespeed,
)


def report(**changes):
    return answering(content=json.dumps(enveloped(**changes))).report(JOB)


# --- placing an order ---------------------------------------------------------------------------------------


def test_an_order_is_one_post_with_the_key_and_exactly_the_twelve_keys():
    seen = []

    def handler(request):
        seen.append(request)
        return httpx.Response(200, json=enveloped(status="created", outputs=[]))

    receipt = wavespeed(handler).submit(ORDER)
    assert (receipt.vendor_job_id, receipt.vendor_word) == (JOB, "created")
    [request] = seen
    assert (request.method, request.url) == ("POST", f"{BASE}/api/v3/midjourney/image-to-video")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {
        "image": ORDER.image_url,
        "prompt": ORDER.prompt,
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "quality": 1,
        "stylize": 100,
        "chaos": 0,
        "weird": 0,
        "version": "7",
        "niji": "close",
        "seed": 421337,
        "enable_base64_output": False,
    }


def test_a_bare_job_is_a_receipt_too():
    assert answering(json=prediction(status="created")).submit(ORDER).vendor_job_id == JOB


def test_an_order_the_vendor_would_not_take_is_never_sent():
    def handler(request):
        pytest.fail("something was sent")

    bad = Order(image_url=ORDER.image_url, prompt="x", parameters={"chaos": 101})
    with pytest.raises(Refused, match="chaos"):
        wavespeed(handler).submit(bad)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_an_order_that_never_left_may_be_sent_again(error):
    with pytest.raises(TryLater, match="nothing was sent"):
        failing(error).submit(ORDER)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
        httpx.DecodingError,
    ],
)
def test_an_order_that_may_have_arrived_is_unsure(error):
    with pytest.raises(Unsure, match="may have been accepted"):
        failing(error).submit(ORDER)


def test_an_order_whose_encryption_breaks_is_unsure_and_a_question_is_asked_later():
    def handler(request):
        raise ssl.SSLError("bad record mac")

    with pytest.raises(Unsure):
        wavespeed(handler).submit(ORDER)
    with pytest.raises(TryLater):
        wavespeed(handler).report(JOB)


def test_an_answer_cut_in_the_middle_leaves_the_order_unsure():
    class Cut(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b'{"code":200,"data":{"id'
            raise httpx.ReadError("cut")

    with pytest.raises(Unsure):
        answering(stream=Cut()).submit(ORDER)


def test_an_answer_without_end_leaves_the_order_unsure(monkeypatch):
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 10)
    with pytest.raises(Unsure):
        answering(json=enveloped()).submit(ORDER)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_vendor_in_trouble_may_have_taken_the_order(status):
    with pytest.raises(Unsure) as caught:
        answering(status, json={"code": status, "message": "upstream went away"}).submit(ORDER)
    assert caught.value.vendor_words == "upstream went away"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>ok</html>",
        b"[]",
        b"null",
        b'{"code":200}',
        b'{"code":200,"data":null}',
        b'{"code":200,"data":{"id":""}}',
        b'{"code":200,"data":{"id":7}}',
        b'{"code":500,"message":"?","data":{"id":"x"}}',
        b"[" * 100_000,
    ],
)
def test_a_yes_that_cannot_be_read_leaves_the_order_unsure(body):
    with pytest.raises(Unsure):
        answering(content=body).submit(ORDER)


@pytest.mark.parametrize(
    ("status", "code"), [(200, 429), (200, 400), (200, 1200), (429, 429), (400, 400)]
)
def test_a_no_that_names_a_job_leaves_the_order_unsure(status, code):
    body = {"code": code, "message": "no", "data": {"id": JOB, "status": "created"}}
    with pytest.raises(Unsure):
        answering(status, json=body).submit(ORDER)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 422])
def test_a_no_is_refused_with_the_vendors_own_words(status):
    with pytest.raises(Refused) as caught:
        answering(status, json={"code": status, "message": "Nope: “x” ≠ y"}).submit(ORDER)
    assert caught.value.vendor_words == "Nope: “x” ≠ y"
    assert str(caught.value).startswith(("WaveSpeedAI ", "The WaveSpeedAI "))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_with_an_order(status):
    asked = []

    def handler(request):
        asked.append(request)
        return httpx.Response(status, headers={"Location": f"{BASE}/elsewhere"})

    with pytest.raises(Refused, match="another address"):
        wavespeed(handler).submit(ORDER)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"error": "webhook callback does not support base64"},
            "webhook callback does not support base64",
        ),
        ({"message": "", "error": "second"}, "second"),
    ],
)
def test_the_vendors_words_may_stand_in_either_field(body, words):
    with pytest.raises(Refused) as caught:
        answering(400, json=body).submit(ORDER)
    assert caught.value.vendor_words == words


def test_a_page_instead_of_json_is_kept_as_it_is():
    with pytest.raises(Refused) as caught:
        answering(403, text="<h1>Forbidden</h1>").submit(ORDER)
    assert caught.value.vendor_words == "<h1>Forbidden</h1>"


@pytest.mark.parametrize("status", [400, 402, 403])
def test_an_empty_account_is_told_to_be_topped_up(status):
    with pytest.raises(Refused, match="run out of credit"):
        answering(status, json={"message": "Insufficient credits"}).submit(ORDER)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"code": 1200, "message": "no"}),
        (400, {"code": 400, "error_code": 1200, "message": "no"}),
        (400, {"code": 400, "message": "Content flagged as potentially sensitive"}),
        (200, {"code": 1200, "message": "no", "data": None}),
    ],
)
def test_an_order_turned_down_for_its_content_is_moderated(status, body):
    with pytest.raises(Moderated):
        answering(status, json=body).submit(ORDER)


@pytest.mark.parametrize(
    ("status", "body"), [(429, None), (200, {"code": 429, "message": "slow", "data": None})]
)
def test_a_vendor_that_is_busy_took_nothing(status, body):
    with pytest.raises(TryLater, match="slow down") as caught:
        answering(status, json=body, headers={"Retry-After": "30"}).submit(ORDER)
    assert caught.value.retry_after == 30


@pytest.mark.parametrize("words", ["", "soon", "-5", "Wed, 99 Foo 2026", "nan"])
def test_a_wait_that_cannot_be_read_is_no_wait(words):
    with pytest.raises(TryLater) as caught:
        answering(429, headers={"Retry-After": words}).submit(ORDER)
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("9" * 5000, 24 * 3600), (format_datetime(datetime(2001, 1, 1, tzinfo=UTC), usegmt=True), 0)],
)
def test_a_wait_is_never_absurd(words, seconds):
    with pytest.raises(TryLater) as caught:
        answering(429, headers={"Retry-After": words}).submit(ORDER)
    assert caught.value.retry_after == seconds


# --- asking how it is doing ---------------------------------------------------------------------------------


def test_a_finished_job_is_reported_with_everything_it_says():
    done = report()
    assert done.progress is Progress.DONE
    assert done.vendor_word == "completed"
    assert done.outputs == (Output(url="https://cdn.example.test/0.mp4", nsfw=False),)
    assert (done.reason, done.code, done.inference_ms) == ("", None, 41873)
    assert done.created_at == datetime(2026, 11, 21, 9, 12, 48, 239112, tzinfo=UTC)


def test_a_report_says_which_job_and_which_image_it_is_about():
    told = report(input={"image": ORDER.image_url, "prompt": "x"})
    assert (told.vendor_job_id, told.image_url) == (JOB, ORDER.image_url)


@pytest.mark.parametrize("job_id", [None, "", 7, "a b"])
def test_a_report_that_does_not_say_is_about_the_job_we_asked_about(job_id):
    assert report(id=job_id).vendor_job_id == JOB


def test_a_bare_job_is_read_like_a_wrapped_one():
    assert answering(json=prediction()).report(JOB) == report()


@pytest.mark.parametrize(("word", "progress"), PROGRESS.items())
def test_the_vendors_words_become_ours(word, progress):
    assert report(status=word).progress is progress


def test_a_word_nobody_has_seen_is_unknown_and_no_failure():
    strange = report(status="throttled")
    assert (strange.progress, strange.vendor_word) == (Progress.UNKNOWN, "throttled")


@pytest.mark.parametrize(
    ("code", "progress"),
    [(1200, Progress.MODERATED), (1402, Progress.FAILED), (5004, Progress.FAILED)],
)
def test_a_failed_job_says_why(code, progress):
    failed = report(status="failed", code=code, error="in its own words", outputs=None)
    assert (failed.progress, failed.code, failed.reason) == (progress, code, "in its own words")


def test_a_failed_job_without_words_is_explained_by_its_code():
    assert (
        report(status="failed", code=1402, error="").reason
        == "The vendor could not fetch the image"
    )


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (1401, "Check the settings, then order it anew."),
        (1402, "Upload the image again, or use another one."),
        (5003, "That is the vendor's own trouble; trying again may help."),
        (1499, ""),
    ],
)
def test_a_failed_job_says_what_may_help(code, advice):
    assert (
        report(status="failed", code=code, error="in its own words", outputs=None).advice == advice
    )


def test_a_job_that_still_runs_after_a_sync_limit_runs():
    running = report(status="processing", code=5004, error="Sync mode timed out after 90 seconds.")
    assert running.progress is Progress.RUNNING


@pytest.mark.parametrize(
    ("flags", "nsfw"),
    [
        ([True, False], (True, False)),
        ([True], (True, None)),
        ([], (None, None)),
        (None, (None, None)),
        ("no", (None, None)),
        ([False, None], (False, None)),
        ([1, "true"], (None, None)),
        ([False, False, True], (False, False)),
    ],
)
def test_a_clip_without_a_flag_is_kept_and_unknown(flags, nsfw):
    done = report(outputs=["https://a.test/0.mp4", "https://a.test/1.mp4"], has_nsfw_contents=flags)
    assert tuple(output.nsfw for output in done.outputs) == nsfw


def test_a_flag_stays_with_its_clip_when_another_clip_is_missing():
    done = report(outputs=[None, "https://a.test/1.mp4"], has_nsfw_contents=[False, True])
    assert done.outputs == (Output(url="https://a.test/1.mp4", nsfw=True),)


@pytest.mark.parametrize("outputs", [None, [], {}, "x", 7, [""], ["\ud800"], ["a\x00"]])
def test_a_finished_job_may_have_no_clips(outputs):
    assert report(outputs=outputs).outputs == ()


def test_a_clip_inside_the_answer_gets_an_address():
    [output] = report(outputs=["QUJD" * 100]).outputs
    assert output.url == "data:video/mp4;base64," + "QUJD" * 100


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2023-04-01T12:34:56.789Z", datetime(2023, 4, 1, 12, 34, 56, 789000, tzinfo=UTC)),
        ("2023-04-01T14:34:56+02:00", datetime(2023, 4, 1, 12, 34, 56, tzinfo=UTC)),
        ("2023-04-01T12:34:56", datetime(2023, 4, 1, 12, 34, 56, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1700000000, None),
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-01-01T00:00:00Z", None),  # what Go writes for a time that nobody has set
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
    ],
)
def test_a_time_is_read_or_unknown(written, read):
    assert report(created_at=written).created_at == read


@pytest.mark.parametrize(
    "timings",
    [
        None,
        [],
        {},
        {"inference": None},
        {"inference": "5"},
        {"inference": -1},
        {"inference": 2**31},
    ],
)
def test_a_duration_is_read_or_unknown(timings):
    assert report(timings=timings).inference_ms is None


def test_the_older_address_is_asked_where_the_newer_one_is_not_known():
    def handler(request):
        if request.url.path.endswith("/result"):
            return httpx.Response(404, json={"code": 404, "message": "no route"})
        return httpx.Response(200, json=enveloped())

    assert wavespeed(handler).report(JOB).progress is Progress.DONE


def test_a_job_known_under_neither_address_is_refused():
    with pytest.raises(JobNotFound, match="does not know this job") as caught:
        answering(404, json={"code": 404, "message": "prediction not found"}).report(JOB)
    assert caught.value.vendor_words == "prediction not found"


def test_a_job_that_only_the_envelope_calls_unknown_is_lost_too():
    with pytest.raises(JobNotFound):
        answering(json={"code": 404, "message": "prediction not found", "data": None}).report(JOB)


@pytest.mark.parametrize("page", ["<html><h1>Not Found</h1></html>", "404 page not found\n"])
def test_a_page_in_front_of_the_vendor_does_not_tell_that_a_paid_job_is_lost(page):
    with pytest.raises(VendorError) as caught:
        answering(404, text=page).report(JOB)
    assert not isinstance(caught.value, JobNotFound)


def test_another_jobs_clips_are_not_taken_for_those_of_the_job_asked_about():
    with pytest.raises(TryLater, match="another job") as caught:
        report(id="somebody-elses")
    assert caught.value.vendor_words == "somebody-elses"


def test_a_job_id_cannot_leave_its_place_in_the_address():
    seen = []

    def handler(request):
        seen.append(request.url.raw_path)
        return httpx.Response(200, json=enveloped(id="a/../b?c#d"))

    wavespeed(handler).report("a/../b?c#d")
    assert seen == [b"/api/v3/predictions/a%2F..%2Fb%3Fc%23d/result"]


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
def test_a_question_without_an_answer_is_asked_later(error):
    with pytest.raises(TryLater):
        failing(error).report(JOB)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_vendor_in_trouble_is_asked_later(status):
    with pytest.raises(TryLater) as caught:
        answering(status, headers={"Retry-After": "7"}).report(JOB)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"code":200,"data":null}', b'{"code":500,"message":"x","data":null}'],
)
def test_an_answer_that_cannot_be_read_is_asked_for_later(body):
    with pytest.raises(TryLater):
        answering(content=body).report(JOB)


@pytest.mark.parametrize(("status", "code"), [(401, 401), (403, 403), (200, 401)])
def test_a_question_we_may_not_ask_is_refused(status, code):
    with pytest.raises(Refused):
        answering(status, json={"code": code, "message": "who are you", "data": None}).report(JOB)


# --- whatever comes -----------------------------------------------------------------------------------------


@given(status=st.integers(200, 599), body=BODIES)
def test_any_answer_to_an_order_is_a_receipt_or_an_error_of_ours(status, body):
    try:
        receipt = answering(status, content=body).submit(ORDER)
    except VendorError:
        return
    assert receipt.vendor_job_id
    assert status < 300


@given(status=st.integers(200, 599), body=BODIES)
def test_any_answer_to_a_question_is_a_report_or_an_error_that_says_what_to_do(status, body):
    try:
        seen = answering(status, content=body).report(JOB)
    except (TryLater, Refused):
        return
    assert isinstance(seen.progress, Progress)


@given(changes=st.dictionaries(st.sampled_from(NAMES[2:]), WILD))
def test_any_job_can_be_kept_as_text(changes):
    try:
        seen = report(**changes)
    except (TryLater, Refused):
        return
    kept = f"{seen.vendor_word}{seen.reason}{''.join(output.url for output in seen.outputs)}"
    assert "\x00" not in kept
    kept.encode()
    assert len(seen.vendor_word) <= 100


def test_a_status_word_without_end_is_cut_to_what_a_row_holds():
    assert report(status="w" * 5000).vendor_word == "w" * 100
    answer = answering(json=enveloped(status="w" * 5000))
    assert answer.submit(ORDER).vendor_word == "w" * 100


def test_of_clips_without_number_only_some_are_taken():
    assert (
        len(report(status="completed", outputs=["https://cdn.example.test/0.mp4"] * 40_000).outputs)
        == 16
    )


class NeverRead(httpx.ByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        pytest.fail("it was read")


def test_an_answer_that_was_packed_all_the_same_is_not_unpacked():
    packing = {"Content-Encoding": "gzip, gzip"}
    with pytest.raises(TryLater):
        answering(headers=packing, stream=NeverRead(b"a bomb")).report(JOB)


# --- the key ------------------------------------------------------------------------------------------------


def test_the_key_shows_in_no_error_and_no_log(caplog):
    caplog.set_level(logging.DEBUG)
    echo = {"code": 401, "message": f"bad key {KEY}"}
    with pytest.raises(Refused) as caught:
        answering(401, json=echo).submit(ORDER)
    assert caught.value.vendor_words == "bad key [key]"
    assert KEY not in "".join(traceback.format_exception(caught.value)) + caplog.text


def test_the_key_shows_in_no_reason_and_no_repr():
    vendor = answering(json=enveloped(status="failed", error=f"key {KEY}"))
    assert vendor.report(JOB).reason == "key [key]"
    assert KEY not in repr(vendor)


def test_an_id_that_repeats_the_key_is_none():
    vendor = answering(json=enveloped(id=KEY, status="created"))
    with pytest.raises(Unsure):
        vendor.submit(ORDER)
    assert vendor.report(JOB).vendor_job_id == JOB


@pytest.mark.parametrize("key", ["", " ", "two words", "line\nbreak", "schlüssel"])
def test_a_key_no_header_can_carry_is_refused_without_being_quoted(key):
    with pytest.raises(Refused, match="API key of the vendor account is empty or holds"):
        WaveSpeed(base_url=BASE, api_key=key)


@pytest.mark.parametrize(
    "base", ["", "vendor", "ftp://x.test", "http://", "http://user:pw@x.test", "http://x:port"]
)
def test_a_base_address_that_is_none_is_refused(base):
    with pytest.raises(Refused, match="base address"):
        WaveSpeed(base_url=base, api_key=KEY)


@pytest.mark.parametrize("base", [BASE, f"{BASE}/", f"{BASE}/api/v3", f" {BASE}/api/v3/ "])
def test_a_base_address_may_be_copied_from_the_page(base):
    seen = []

    def handler(request):
        seen.append(str(request.url))
        return httpx.Response(200, json=enveloped())

    wavespeed(handler, base_url=base).report(JOB)
    assert seen == [f"{BASE}/api/v3/predictions/{JOB}/result"]
