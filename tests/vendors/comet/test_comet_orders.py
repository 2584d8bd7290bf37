"""Orders to CometAPI: what goes out, and what an answer proves."""

import socket
from dataclasses import replace

import httpx
import pytest

from apps.vendors import http
from apps.vendors.comet.client import Comet
from apps.vendors.errors import Moderated, Refused, TryLater, Unsure
from apps.vendors.types import Extension, Receipt
from tests.vendors.comet.scripted import (
    JOB,
    KEY,
    ORDER,
    Line,
    gateway_error,
    line,
    refused,
    relay_error,
    taken,
)

PARENT = Extension(vendor_job_id="1795219200000001", number=2)
YES = b'{"code":1,"description":"Submit Success","result":"1795219200123456"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


# --- what goes out ------------------------------------------------------------------------------------------


def test_an_order_is_one_post_with_the_key_and_the_documented_body(vendor):
    assert vendor.says(taken()).submit() == Receipt(vendor_job_id=JOB, vendor_word="submitted")
    [request] = vendor.seen
    assert (request.method, request.path) == ("POST", "/mj-fast/mj/submit/video")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "prompt": ORDER.prompt,
        "image": ORDER.image_url,
        "motion": "low",
        "videoType": "vid_1.1_i2v_480",
        "mode": "fast",
        "animateMode": "manual",
        "state": "job-7c1e",
    }


def test_the_form_of_the_launch_article_carries_the_address_inside_the_prompt(vendor):
    vendor.says(taken()).submit(
        replace(ORDER, webhook_url="https://us.example.test/hook"), schema_version="1"
    )
    assert vendor.seen[0].json == {
        "prompt": f"{ORDER.image_url} {ORDER.prompt}",
        "videoType": "vid_1.1_i2v_480",
        "mode": "fast",
        "animateMode": "manual",
    }


def test_every_setting_arrives_in_the_vendors_words(vendor):
    chosen = {"resolution": "720p", "motion": "high", "mode": "turbo", "animateMode": "automatic"}
    vendor.says(taken()).submit(replace(ORDER, parameters=chosen))
    body = vendor.seen[0].json
    assert vendor.seen[0].path == "/mj-turbo/mj/submit/video"
    assert (body["videoType"], body["motion"]) == ("vid_1.1_i2v_720", "high")
    assert (body["mode"], body["animateMode"]) == ("turbo", "automatic")


def test_an_extension_names_its_parent_and_sends_the_image_too(vendor):
    vendor.says(taken()).submit(replace(ORDER, extends=PARENT))
    body = vendor.seen[0].json
    assert (body["action"], body["index"], body["taskId"]) == ("extend", 2, PARENT.vendor_job_id)
    assert (body["image"], body["motion"]) == (ORDER.image_url, "low")


def test_a_place_to_call_goes_along_where_there_is_one(vendor):
    vendor.says(taken()).submit(replace(ORDER, webhook_url="https://us.example.test/hooks/9f"))
    assert vendor.seen[0].json["notifyHook"] == "https://us.example.test/hooks/9f"


def test_an_order_without_a_mark_says_no_state(vendor):
    vendor.says(taken()).submit(replace(ORDER, reference=""))
    assert "state" not in vendor.seen[0].json


@pytest.mark.parametrize(
    ("order", "version", "words"),
    [
        (replace(ORDER, prompt="  "), "2", "Write a prompt"),
        (replace(ORDER, image_url="data:image/png;base64,AAAA"), "2", "address"),
        (replace(ORDER, image_url="https://a.test/two words.png"), "2", "spaces"),
        (replace(ORDER, parameters={"batchSize": 1}), "2", "batchSize"),
        (replace(ORDER, parameters={"mode": "slow"}), "2", "mode"),
        (replace(ORDER, parameters={"motion": "low"}), "1", "motion"),
        (replace(ORDER, extends=PARENT), "1", "extension"),
        (replace(ORDER, extends=replace(PARENT, number=4)), "2", "clip 1 to 4"),
        (replace(ORDER, extends=replace(PARENT, number=-1)), "2", "clip 1 to 4"),
    ],
)
def test_an_order_the_vendor_would_not_take_is_never_sent(vendor, order, version, words):
    with pytest.raises(Refused, match=words):
        vendor.submit(order, schema_version=version)
    assert vendor.seen == []


def test_half_a_character_does_not_stop_an_order(vendor):
    vendor.says(taken()).submit(replace(ORDER, prompt="a dog \ud83d"))
    assert vendor.seen[0].json["prompt"] == "a dog ?"


@pytest.mark.parametrize("ending", ["", "/", "/mj", "/mj/"])
def test_the_base_address_may_end_in_the_protocols_own_prefix(vendor, ending):
    vendor.says(taken()).submit(base_url=vendor.url + ending)
    assert vendor.seen[0].path == "/mj-fast/mj/submit/video"


# --- what was taken -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", [JOB, int(JOB), [JOB]])
def test_an_id_is_text_whatever_it_came_as(vendor, result):
    assert vendor.says(taken(result=result)).submit().vendor_job_id == JOB


def test_a_code_may_come_as_its_digit(vendor):
    assert vendor.says(taken(code="22")).submit().vendor_word == "queued"


@pytest.mark.parametrize("code", [1, 21, 22])
@pytest.mark.parametrize(
    "result", [None, "", [], {}, "two words", ["1", "2"], 1.5, True, "x" * 201, ".."]
)
def test_a_yes_without_one_id_may_have_been_charged(vendor, code, result):
    with pytest.raises(Unsure):
        vendor.says(taken(code, result)).submit()


# --- what proves that nothing was taken ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        refused(23, "队列已满，请稍后尝试"),
        refused(9, "提交失败，队列已满，请稍后重试"),
        refused(9, "The queue is full, try again later"),
        relay_error("load saturated", 30, 429),
        refused(30, "load saturated"),
        line(429),
        line(429, body=b"<html>slow down</html>"),
        gateway_error(429),
    ],
)
def test_a_vendor_that_is_full_took_nothing(vendor, answer):
    with pytest.raises(TryLater, match="nothing was taken"):
        vendor.says(answer).submit()
    assert len(vendor.seen) == 1


def test_a_wait_the_vendor_asks_for_is_kept(vendor):
    with pytest.raises(TryLater) as caught:
        vendor.says(line(429, Retry_After="30")).submit()
    assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    "answer",
    [
        refused(24, "可能包含敏感词", properties={"promptEn": "x", "bannedWord": "x"}),
        refused(24, "May contain sensitive words"),
        refused(4, "Banned prompt detected"),
        gateway_error(400, "sensitive_words_detected"),
    ],
)
def test_an_order_turned_down_for_its_content_is_moderated(vendor, answer):
    with pytest.raises(Moderated):
        vendor.says(answer).submit()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(3, "无可用的账号实例"), "720p"),
        (refused(3, "目标任务不存在", 404), "does not know the job"),
        (relay_error("task_not_found "), "does not know the job"),
        (refused(4, "prompt 不能为空"), "one of the values"),
        (refused(9, "提交失败，系统异常"), "could not place"),
        (relay_error("quota_not_enough "), "run out of credit"),
        (gateway_error(403, "user quota is not enough"), "run out of credit"),
        (gateway_error(401, "Invalid token (request id: 2026)"), "API key"),
        (gateway_error(402), "run out of credit"),
        (gateway_error(403), "does not let this account"),
        (gateway_error(400), "one of the values"),
        (line(404, body=b"<html>404</html>"), "base address"),
        (line(405), "base address"),
        (line(413), "too large"),
        (line(422), "422"),
        (line(400), "one of the values"),
    ],
)
def test_a_no_is_refused_and_says_what_to_do(vendor, answer, words):
    with pytest.raises(Refused, match=words) as caught:
        vendor.says(answer).submit()
    assert not isinstance(caught.value, Moderated)
    assert len(vendor.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_with_an_order(vendor, status):
    with pytest.raises(Refused, match="another address"):
        vendor.says(line(status, Location=f"{vendor.url}/elsewhere")).submit()
    assert len(vendor.seen) == 1


def test_the_vendors_own_words_are_kept_without_our_key(vendor):
    with pytest.raises(Refused) as caught:
        vendor.says(gateway_error(401, f"无效的令牌 {KEY}")).submit()
    assert caught.value.vendor_words == "无效的令牌 [key]"
    assert KEY not in repr(caught.value) + str(caught.value)


def test_the_client_does_not_show_its_key():
    shown = repr(Comet(base_url="https://api.cometapi.com/", api_key=KEY))
    assert shown == "Comet(base_url='https://api.cometapi.com', schema_version='2')"


# --- what proves nothing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 524])
@pytest.mark.parametrize("make", [gateway_error, line, lambda status: refused(23, "full", status)])
def test_a_vendor_in_trouble_may_have_taken_the_order(vendor, status, make):
    with pytest.raises(Unsure):
        vendor.says(make(status)).submit()
    assert len(vendor.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        # the gateway waits 60 s for its upstream, then says this
        relay_error("do_request_failed ", 5),
        relay_error("read_response_body_failed ", 5),
        refused(5, "unknown error"),
        relay_error("insert_midjourney_task_failed ", 4),  # said after the upstream's yes
        relay_error("copy_response_body_failed ", 4),
        relay_error("what is this", 77),
        refused(77),
        refused(1),
        gateway_error(200),
        line(),
        line(204),
        line(body=b"null"),
        line(body=b"[]"),
        line(body=b"<!doctype html><title>CometAPI</title>"),
        line(body=b"[" * 100_000),
        line(body=b'{"code":1,"result":"17952'),
    ],
)
def test_an_answer_that_proves_nothing_leaves_the_order_unsure(vendor, answer):
    with pytest.raises(Unsure, match="whether it took the order"):
        vendor.says(answer).submit()


@pytest.mark.parametrize("code", [3, 4, 9, 23, 24, 30, 77, None])
@pytest.mark.parametrize("status", [200, 400, 429])
def test_a_no_that_names_a_job_is_no_proof(vendor, code, status):
    with pytest.raises(Unsure):
        vendor.says(refused(code, "队列已满", status, result="14001929738841620")).submit()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200",
        HEAD % 500 + YES,
        b"HTTP/1.1 400 No\r\nContent-Length: 90\r\n\r\n{",
        b"hi\r\n\r\n",
    ],
)
def test_a_vendor_that_hangs_up_after_reading_may_have_taken_the_order(vendor, raw):
    with pytest.raises(Unsure, match="may have been accepted"):
        vendor.says(Line(raw=raw)).submit()
    assert len(vendor.seen) == 1


def test_a_vendor_that_reads_and_stays_silent_may_have_taken_the_order(vendor, monkeypatch):
    monkeypatch.setattr(http, "SEND_TIMEOUT", httpx.Timeout(0.2))
    with pytest.raises(Unsure, match="may have been accepted"):
        vendor.says(Line(silent=True)).submit()


def test_a_closed_door_took_nothing(vendor):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TryLater, match="nothing was sent"):
        vendor.submit(base_url=f"http://127.0.0.1:{port}")
