import json
import logging
import ssl
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vendors import http
from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure, VendorError
from apps.vendors.types import Order, Output, Progress
from apps.vendors.wavespeed.client import WaveSpeed
from apps.vendors.wavespeed.parsing import PROGRESS_BY_STATUS
from tests.support.cases import case
from tests.vendors.wavespeed.server import (
    BASE,
    BODIES,
    JOB,
    KEY,
    NAMES,
    ORDER,
    WILD,
    client_answered,
    client_failing,
    enveloped_job,
    prediction,
    wavespeed,
)


def report(**changes):
    return client_answered(content=json.dumps(enveloped_job(**changes))).report(JOB)


# --- placing an order -----------------------------------------------------------------------------


def test_an_order_is_one_post_with_the_key_and_exactly_the_twelve_keys():
    seen = []

    def handler(request):
        seen.append(request)
        return httpx.Response(200, json=enveloped_job(status="created", outputs=[]))

    receipt = wavespeed(handler).submit(ORDER)
    assert (receipt.vendor_job_id, receipt.vendor_status) == (JOB, "created")
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


def test_a_bare_job_is_a_receipt():
    assert client_answered(json=prediction(status="created")).submit(ORDER).vendor_job_id == JOB


def test_an_order_with_invalid_values_is_never_sent():
    def handler(request):
        pytest.fail("something was sent")

    bad = Order(image_url=ORDER.image_url, prompt="x", parameters={"chaos": 101})
    with pytest.raises(Refused, match="chaos"):
        wavespeed(handler).submit(bad)


def test_an_order_that_never_left_is_tried_later():
    for error in [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout]:
        with case(error), pytest.raises(TryLater, match="nothing was sent"):
            client_failing(error).submit(ORDER)


def test_an_order_that_may_have_arrived_is_unsure():
    cases = [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
        httpx.DecodingError,
    ]
    for error in cases:
        with case(error), pytest.raises(Unsure, match="may have been accepted"):
            client_failing(error).submit(ORDER)


def test_after_a_tls_error_an_order_is_unsure_and_a_poll_is_tried_later():
    def handler(request):
        raise ssl.SSLError("bad record mac")

    with pytest.raises(Unsure):
        wavespeed(handler).submit(ORDER)
    with pytest.raises(TryLater):
        wavespeed(handler).report(JOB)


def test_an_order_is_unsure_where_the_answer_is_cut():
    class Cut(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b'{"code":200,"data":{"id'
            raise httpx.ReadError("cut")

    with pytest.raises(Unsure):
        client_answered(stream=Cut()).submit(ORDER)


def test_an_order_is_unsure_where_the_answer_is_too_large(monkeypatch):
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 10)
    with pytest.raises(Unsure):
        client_answered(json=enveloped_job()).submit(ORDER)


def test_an_order_is_unsure_where_the_server_failed():
    for status in [408, 500, 502, 503, 504]:
        with case(status):
            with pytest.raises(Unsure) as caught:
                client_answered(
                    status, json={"code": status, "message": "upstream went away"}
                ).submit(ORDER)
            assert caught.value.vendor_message == "upstream went away"


def test_an_order_is_unsure_where_a_success_cannot_be_parsed():
    cases = [
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
    ]
    for body in cases:
        with case(body), pytest.raises(Unsure):
            client_answered(content=body).submit(ORDER)


def test_a_refusal_with_a_job_id_is_unsure():
    for status, code in [(200, 429), (200, 400), (200, 1200), (429, 429), (400, 400)]:
        with case((status, code)):
            body = {"code": code, "message": "no", "data": {"id": JOB, "status": "created"}}
            with pytest.raises(Unsure):
                client_answered(status, json=body).submit(ORDER)


def test_a_refusal_keeps_the_vendors_message():
    for status in [400, 401, 402, 403, 404, 405, 422]:
        with case(status):
            with pytest.raises(Refused) as caught:
                client_answered(status, json={"code": status, "message": "Nope: “x” ≠ y"}).submit(
                    ORDER
                )
            assert caught.value.vendor_message == "Nope: “x” ≠ y"
            assert str(caught.value).startswith(("WaveSpeedAI ", "The WaveSpeedAI "))


def test_an_order_follows_no_redirect():
    requests = []

    def redirect(request, status):
        requests.append(request)
        return httpx.Response(status, headers={"Location": f"{BASE}/elsewhere"})

    for status in (301, 302, 307, 308):
        with case(status):
            requests.clear()
            with pytest.raises(Refused, match="another address"):
                wavespeed(partial(redirect, status=status)).submit(ORDER)
            assert len(requests) == 1


def test_the_vendors_message_may_be_in_either_field():
    cases = [
        (
            {"error": "webhook callback does not support base64"},
            "webhook callback does not support base64",
        ),
        ({"message": "", "error": "second"}, "second"),
    ]
    for body, words in cases:
        with case((body, words)):
            with pytest.raises(Refused) as caught:
                client_answered(400, json=body).submit(ORDER)
            assert caught.value.vendor_message == words


def test_a_page_instead_of_json_becomes_the_vendors_message():
    with pytest.raises(Refused) as caught:
        client_answered(403, text="<h1>Forbidden</h1>").submit(ORDER)
    assert caught.value.vendor_message == "<h1>Forbidden</h1>"


def test_an_account_without_credit_must_be_topped_up():
    for status in [400, 402, 403]:
        with case(status), pytest.raises(Refused, match="run out of credit"):
            client_answered(status, json={"message": "Insufficient credits"}).submit(ORDER)


def test_an_order_turned_down_for_its_content_is_moderated():
    cases = [
        (400, {"code": 1200, "message": "no"}),
        (400, {"code": 400, "error_code": 1200, "message": "no"}),
        (400, {"code": 400, "message": "Content flagged as potentially sensitive"}),
        (200, {"code": 1200, "message": "no", "data": None}),
    ]
    for status, body in cases:
        with case((status, body)), pytest.raises(Moderated):
            client_answered(status, json=body).submit(ORDER)


def test_a_busy_vendor_is_tried_later():
    for status, body in [(429, None), (200, {"code": 429, "message": "slow", "data": None})]:
        with case((status, body)):
            with pytest.raises(TryLater, match="slow down") as caught:
                client_answered(status, json=body, headers={"Retry-After": "30"}).submit(ORDER)
            assert caught.value.retry_after == 30


def test_an_invalid_retry_after_header_is_ignored():
    for words in ["", "soon", "-5", "Wed, 99 Foo 2026", "nan"]:
        with case(words):
            with pytest.raises(TryLater) as caught:
                client_answered(429, headers={"Retry-After": words}).submit(ORDER)
            assert caught.value.retry_after is None


def test_a_retry_after_header_is_limited():
    for words, seconds in [
        ("9" * 5000, 24 * 3600),
        (format_datetime(datetime(2001, 1, 1, tzinfo=UTC), usegmt=True), 0),
    ]:
        with case((words, seconds)):
            with pytest.raises(TryLater) as caught:
                client_answered(429, headers={"Retry-After": words}).submit(ORDER)
            assert caught.value.retry_after == seconds


# --- asking how it is doing -----------------------------------------------------------------------


def test_a_finished_job_is_reported_with_all_its_fields():
    done = report()
    assert done.progress is Progress.DONE
    assert done.vendor_status == "completed"
    assert done.outputs == (Output(url="https://cdn.example.test/0.mp4", nsfw=False),)
    assert (done.reason, done.code, done.inference_ms) == ("", None, 41873)
    assert done.created_at == datetime(2026, 11, 21, 9, 12, 48, 239112, tzinfo=UTC)


def test_a_report_has_the_jobs_id_and_image():
    told = report(input={"image": ORDER.image_url, "prompt": "x"})
    assert (told.vendor_job_id, told.image_url) == (JOB, ORDER.image_url)


def test_a_report_without_an_id_gets_the_id_of_the_poll():
    for job_id in [None, "", 7, "a b"]:
        with case(job_id):
            assert report(id=job_id).vendor_job_id == JOB


def test_a_bare_job_is_parsed_like_one_in_an_envelope():
    assert client_answered(json=prediction()).report(JOB) == report()


def test_each_status_has_a_progress():
    for word, progress in PROGRESS_BY_STATUS.items():
        with case((word, progress)):
            assert report(status=word).progress is progress


def test_an_unknown_status_is_no_failure():
    strange = report(status="throttled")
    assert (strange.progress, strange.vendor_status) == (Progress.UNKNOWN, "throttled")


def test_a_failed_job_has_a_reason():
    for code, progress in [
        (1200, Progress.MODERATED),
        (1402, Progress.FAILED),
        (5004, Progress.FAILED),
    ]:
        with case((code, progress)):
            failed = report(status="failed", code=code, error="in its own words", outputs=None)
            assert (failed.progress, failed.code, failed.reason) == (
                progress,
                code,
                "in its own words",
            )


def test_a_failed_job_without_a_text_gets_the_reason_of_its_code():
    failed = report(status="failed", code=1402, error="")
    assert failed.reason == "The vendor could not fetch the image"


def test_a_failed_job_has_advice():
    cases = [
        (1401, "Check the settings, then order it anew."),
        (1402, "Upload the image again, or use another one."),
        (5003, "That is the vendor's own trouble; trying again may help."),
        (1499, ""),
    ]
    for code, advice in cases:
        with case((code, advice)):
            failed = report(status="failed", code=code, error="in its own words", outputs=None)
            assert failed.advice == advice


def test_a_job_past_the_sync_limit_is_still_running():
    running = report(status="processing", code=5004, error="Sync mode timed out after 90 seconds.")
    assert running.progress is Progress.RUNNING


def test_a_clip_without_a_flag_is_kept_and_unknown():
    cases = [
        ([True, False], (True, False)),
        ([True], (True, None)),
        ([], (None, None)),
        (None, (None, None)),
        ("no", (None, None)),
        ([False, None], (False, None)),
        ([1, "true"], (None, None)),
        ([False, False, True], (False, False)),
    ]
    for flags, nsfw in cases:
        with case((flags, nsfw)):
            done = report(
                outputs=["https://a.test/0.mp4", "https://a.test/1.mp4"], has_nsfw_contents=flags
            )
            assert tuple(output.nsfw for output in done.outputs) == nsfw


def test_a_flag_stays_with_its_clip_when_another_clip_is_missing():
    done = report(outputs=[None, "https://a.test/1.mp4"], has_nsfw_contents=[False, True])
    assert done.outputs == (Output(url="https://a.test/1.mp4", nsfw=True),)


def test_a_finished_job_may_have_no_clips():
    for outputs in [None, [], {}, "x", 7, [""], ["\ud800"], ["a\x00"]]:
        with case(outputs):
            assert report(outputs=outputs).outputs == ()


def test_a_clip_inside_the_answer_becomes_a_data_address():
    [output] = report(outputs=["QUJD" * 100]).outputs
    assert output.url == "data:video/mp4;base64," + "QUJD" * 100


def test_a_time_is_parsed_or_unknown():
    cases = [
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
    ]
    for written, read in cases:
        with case((written, read)):
            assert report(created_at=written).created_at == read


def test_an_invalid_duration_is_unknown():
    cases = [
        None,
        [],
        {},
        {"inference": None},
        {"inference": "5"},
        {"inference": -1},
        {"inference": 2**31},
    ]
    for timings in cases:
        with case(timings):
            assert report(timings=timings).inference_ms is None


def test_the_older_address_is_polled_where_the_newer_one_is_unknown():
    def handler(request):
        if request.url.path.endswith("/result"):
            return httpx.Response(404, json={"code": 404, "message": "no route"})
        return httpx.Response(200, json=enveloped_job())

    assert wavespeed(handler).report(JOB).progress is Progress.DONE


def test_a_job_unknown_at_both_addresses_is_not_found():
    with pytest.raises(JobNotFound, match="does not know this job") as caught:
        client_answered(404, json={"code": 404, "message": "prediction not found"}).report(JOB)
    assert caught.value.vendor_message == "prediction not found"


def test_a_404_in_the_envelope_means_not_found():
    with pytest.raises(JobNotFound):
        client_answered(json={"code": 404, "message": "prediction not found", "data": None}).report(
            JOB
        )


def test_a_404_page_of_a_proxy_does_not_mean_not_found():
    for page in ["<html><h1>Not Found</h1></html>", "404 page not found\n"]:
        with case(page):
            with pytest.raises(VendorError) as caught:
                client_answered(404, text=page).report(JOB)
            assert not isinstance(caught.value, JobNotFound)


def test_a_report_about_another_job_is_tried_later():
    with pytest.raises(TryLater, match="another job") as caught:
        report(id="somebody-elses")
    assert caught.value.vendor_message == "somebody-elses"


def test_a_job_id_cannot_change_the_path():
    seen = []

    def handler(request):
        seen.append(request.url.raw_path)
        return httpx.Response(200, json=enveloped_job(id="a/../b?c#d"))

    wavespeed(handler).report("a/../b?c#d")
    assert seen == [b"/api/v3/predictions/a%2F..%2Fb%3Fc%23d/result"]


def test_a_poll_without_an_answer_is_tried_later():
    for error in [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]:
        with case(error), pytest.raises(TryLater):
            client_failing(error).report(JOB)


def test_a_poll_is_tried_later_where_the_server_failed():
    for status in [408, 429, 500, 503]:
        with case(status):
            with pytest.raises(TryLater) as caught:
                client_answered(status, headers={"Retry-After": "7"}).report(JOB)
            assert caught.value.retry_after == 7


def test_a_poll_with_an_invalid_answer_is_tried_later():
    for body in [
        b"",
        b"<html>",
        b"[]",
        b'{"code":200,"data":null}',
        b'{"code":500,"message":"x","data":null}',
    ]:
        with case(body), pytest.raises(TryLater):
            client_answered(content=body).report(JOB)


def test_a_poll_without_permission_is_refused():
    for status, code in [(401, 401), (403, 403), (200, 401)]:
        with case((status, code)), pytest.raises(Refused):
            client_answered(
                status, json={"code": code, "message": "who are you", "data": None}
            ).report(JOB)


# --- whatever comes -------------------------------------------------------------------------------


@given(status=st.integers(200, 599), body=BODIES)
def test_a_random_answer_to_an_order_is_a_receipt_or_a_vendor_error(status, body):
    try:
        receipt = client_answered(status, content=body).submit(ORDER)
    except VendorError:
        return
    assert receipt.vendor_job_id
    assert status < 300


@given(status=st.integers(200, 599), body=BODIES)
def test_a_random_answer_to_a_poll_is_a_report_or_an_error(status, body):
    try:
        seen = client_answered(status, content=body).report(JOB)
    except (TryLater, Refused):
        return
    assert isinstance(seen.progress, Progress)


@given(changes=st.dictionaries(st.sampled_from(NAMES[2:]), WILD))
def test_a_random_job_has_texts_that_can_be_stored(changes):
    try:
        seen = report(**changes)
    except (TryLater, Refused):
        return
    kept = f"{seen.vendor_status}{seen.reason}{''.join(output.url for output in seen.outputs)}"
    assert "\x00" not in kept
    kept.encode()
    assert len(seen.vendor_status) <= 100


def test_a_long_status_is_cut_to_the_length_of_our_column():
    assert report(status="w" * 5000).vendor_status == "w" * 100
    answer = client_answered(json=enveloped_job(status="w" * 5000))
    assert answer.submit(ORDER).vendor_status == "w" * 100


def test_the_number_of_clips_is_limited():
    done = report(status="completed", outputs=["https://cdn.example.test/0.mp4"] * 40_000)
    assert len(done.outputs) == 16


class NeverRead(httpx.ByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        pytest.fail("it was read")


def test_a_compressed_answer_is_not_unpacked():
    packing = {"Content-Encoding": "gzip, gzip"}
    with pytest.raises(TryLater):
        client_answered(headers=packing, stream=NeverRead(b"a bomb")).report(JOB)


# --- the key --------------------------------------------------------------------------------------


def test_the_key_is_in_no_error_and_no_log(caplog):
    caplog.set_level(logging.DEBUG)
    echo = {"code": 401, "message": f"bad key {KEY}"}
    with pytest.raises(Refused) as caught:
        client_answered(401, json=echo).submit(ORDER)
    assert caught.value.vendor_message == "bad key [key]"
    assert KEY not in "".join(traceback.format_exception(caught.value)) + caplog.text


def test_the_key_is_in_no_reason_and_no_repr():
    vendor = client_answered(json=enveloped_job(status="failed", error=f"key {KEY}"))
    assert vendor.report(JOB).reason == "key [key]"
    assert KEY not in repr(vendor)


def test_an_id_that_contains_the_key_is_no_id():
    vendor = client_answered(json=enveloped_job(id=KEY, status="created"))
    with pytest.raises(Unsure):
        vendor.submit(ORDER)
    assert vendor.report(JOB).vendor_job_id == JOB


def test_a_key_no_header_can_carry_is_refused_without_being_quoted():
    for key in ["", " ", "two words", "line\nbreak", "schlüssel"]:
        with case(key), pytest.raises(Refused, match="API key of the vendor account is empty"):
            WaveSpeed(base_url=BASE, api_key=key)


def test_an_invalid_base_address_is_refused():
    for base in ["", "vendor", "ftp://x.test", "http://", "http://user:pw@x.test", "http://x:port"]:
        with case(base), pytest.raises(Refused, match="base address"):
            WaveSpeed(base_url=base, api_key=KEY)


def test_a_base_address_may_be_copied_from_the_page():
    urls = []

    def handler(request):
        urls.append(str(request.url))
        return httpx.Response(200, json=enveloped_job())

    for base in (BASE, f"{BASE}/", f"{BASE}/api/v3", f" {BASE}/api/v3/ "):
        with case(base):
            urls.clear()
            wavespeed(handler, base_url=base).report(JOB)
            assert urls == [f"{BASE}/api/v3/predictions/{JOB}/result"]
