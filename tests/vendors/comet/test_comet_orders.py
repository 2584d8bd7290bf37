"""Orders to CometAPI: the request, and what an answer proves."""

import socket
from dataclasses import replace

import httpx
import pytest

from apps.vendors import http
from apps.vendors.comet.client import Comet
from apps.vendors.errors import Moderated, Refused, TryLater, Unsure
from apps.vendors.types import Extension, Receipt
from tests.support.cases import case
from tests.vendors.comet.scripted import (
    JOB,
    KEY,
    ORDER,
    Line,
    accepted_answer,
    gateway_error,
    http_answer,
    refusal_answer,
    relay_error,
)

PARENT = Extension(vendor_job_id="1795219200000001", number=2)
YES = b'{"code":1,"description":"Submit Success","result":"1795219200123456"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


# --- what goes out --------------------------------------------------------------------------------


def test_an_order_is_one_post_with_the_key_and_the_documented_body(vendor):
    assert vendor.says(accepted_answer()).submit() == Receipt(
        vendor_job_id=JOB, vendor_status="submitted"
    )
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


def test_the_oldest_form_has_the_images_address_in_the_prompt(vendor):
    vendor.says(accepted_answer()).submit(
        replace(ORDER, webhook_url="https://us.example.test/hook"), schema_version="1"
    )
    assert vendor.seen[0].json == {
        "prompt": f"{ORDER.image_url} {ORDER.prompt}",
        "videoType": "vid_1.1_i2v_480",
        "mode": "fast",
        "animateMode": "manual",
    }


def test_every_setting_is_sent_under_the_vendors_name(vendor):
    chosen = {"resolution": "720p", "motion": "high", "mode": "turbo", "animateMode": "automatic"}
    vendor.says(accepted_answer()).submit(replace(ORDER, parameters=chosen))
    body = vendor.seen[0].json
    assert vendor.seen[0].path == "/mj-turbo/mj/submit/video"
    assert (body["videoType"], body["motion"]) == ("vid_1.1_i2v_720", "high")
    assert (body["mode"], body["animateMode"]) == ("turbo", "automatic")


def test_an_extension_has_its_parents_id_and_the_image(vendor):
    vendor.says(accepted_answer()).submit(replace(ORDER, extends=PARENT))
    body = vendor.seen[0].json
    assert (body["action"], body["index"], body["taskId"]) == ("extend", 2, PARENT.vendor_job_id)
    assert (body["image"], body["motion"]) == (ORDER.image_url, "low")


def test_a_webhook_address_is_sent_where_there_is_one(vendor):
    vendor.says(accepted_answer()).submit(
        replace(ORDER, webhook_url="https://us.example.test/hooks/9f")
    )
    assert vendor.seen[0].json["notifyHook"] == "https://us.example.test/hooks/9f"


def test_an_order_without_a_reference_has_no_state(vendor):
    vendor.says(accepted_answer()).submit(replace(ORDER, reference=""))
    assert "state" not in vendor.seen[0].json


def test_an_order_with_invalid_values_is_never_sent(vendor):
    cases = [
        (replace(ORDER, prompt="  "), "2", "Write a prompt"),
        (replace(ORDER, image_url="data:image/png;base64,AAAA"), "2", "address"),
        (replace(ORDER, image_url="https://a.test/two words.png"), "2", "spaces"),
        (replace(ORDER, parameters={"batchSize": 1}), "2", "batchSize"),
        (replace(ORDER, parameters={"mode": "slow"}), "2", "mode"),
        (replace(ORDER, parameters={"motion": "low"}), "1", "motion"),
        (replace(ORDER, extends=PARENT), "1", "extension"),
        (replace(ORDER, extends=replace(PARENT, number=4)), "2", "clip 1 to 4"),
        (replace(ORDER, extends=replace(PARENT, number=-1)), "2", "clip 1 to 4"),
    ]
    for order, version, words in cases:
        with case((order, version, words)):
            with pytest.raises(Refused, match=words):
                vendor.submit(order, schema_version=version)
            assert vendor.seen == []


def test_a_lone_surrogate_in_a_prompt_becomes_a_question_mark(vendor):
    vendor.says(accepted_answer()).submit(replace(ORDER, prompt="a dog \ud83d"))
    assert vendor.seen[0].json["prompt"] == "a dog ?"


def test_the_base_address_may_end_in_the_protocols_own_prefix(vendor):
    for ending in ["", "/", "/mj", "/mj/"]:
        with case(ending):
            vendor.says(accepted_answer()).submit(base_url=vendor.url + ending)
            assert vendor.seen[0].path == "/mj-fast/mj/submit/video"


# --- what was taken -------------------------------------------------------------------------------


def test_an_id_becomes_text_from_any_form(vendor):
    for result in [JOB, int(JOB), [JOB]]:
        with case(result):
            assert vendor.says(accepted_answer(result=result)).submit().vendor_job_id == JOB


def test_a_code_may_be_a_text(vendor):
    assert vendor.says(accepted_answer(code="22")).submit().vendor_status == "queued"


def test_an_accepted_order_without_exactly_one_id_is_unsure(vendor):
    for code in [1, 21, 22]:
        for result in [None, "", [], {}, "two words", ["1", "2"], 1.5, True, "x" * 201, ".."]:
            with case((code, result)), pytest.raises(Unsure):
                vendor.says(accepted_answer(code, result)).submit()


# --- what proves that nothing was taken -----------------------------------------------------------


def test_a_full_vendor_is_tried_later(vendor):
    cases = [
        refusal_answer(23, "队列已满，请稍后尝试"),
        refusal_answer(9, "提交失败，队列已满，请稍后重试"),
        refusal_answer(9, "The queue is full, try again later"),
        relay_error("load saturated", 30, 429),
        refusal_answer(30, "load saturated"),
        http_answer(429),
        http_answer(429, body=b"<html>slow down</html>"),
        gateway_error(429),
    ]
    for answer in cases:
        with case(answer):
            with pytest.raises(TryLater, match="nothing was taken"):
                vendor.says(answer).submit()
            assert len(vendor.seen) == 1


def test_a_retry_after_header_is_kept(vendor):
    with pytest.raises(TryLater) as caught:
        vendor.says(http_answer(429, Retry_After="30")).submit()
    assert caught.value.retry_after == 30


def test_an_order_turned_down_for_its_content_is_moderated(vendor):
    cases = [
        refusal_answer(24, "可能包含敏感词", properties={"promptEn": "x", "bannedWord": "x"}),
        refusal_answer(24, "May contain sensitive words"),
        refusal_answer(4, "Banned prompt detected"),
        gateway_error(400, "sensitive_words_detected"),
    ]
    for answer in cases:
        with case(answer), pytest.raises(Moderated):
            vendor.says(answer).submit()


def test_a_refusal_says_what_to_do(vendor):
    cases = [
        (refusal_answer(3, "无可用的账号实例"), "720p"),
        (refusal_answer(3, "目标任务不存在", 404), "does not know the job"),
        (relay_error("task_not_found "), "does not know the job"),
        (refusal_answer(4, "prompt 不能为空"), "one of the values"),
        (refusal_answer(9, "提交失败，系统异常"), "could not place"),
        (relay_error("quota_not_enough "), "run out of credit"),
        (gateway_error(403, "user quota is not enough"), "run out of credit"),
        (gateway_error(401, "Invalid token (request id: 2026)"), "API key"),
        (gateway_error(402), "run out of credit"),
        (gateway_error(403), "does not let this account"),
        (gateway_error(400), "one of the values"),
        (http_answer(404, body=b"<html>404</html>"), "base address"),
        (http_answer(405), "base address"),
        (http_answer(413), "too large"),
        (http_answer(422), "422"),
        (http_answer(400), "one of the values"),
    ]
    for answer, words in cases:
        with case((answer, words)):
            with pytest.raises(Refused, match=words) as caught:
                vendor.says(answer).submit()
            assert not isinstance(caught.value, Moderated)
            assert len(vendor.seen) == 1


def test_an_order_follows_no_redirect(vendor):
    for status in [301, 302, 307, 308]:
        with case(status):
            with pytest.raises(Refused, match="another address"):
                vendor.says(http_answer(status, Location=f"{vendor.url}/elsewhere")).submit()
            assert len(vendor.seen) == 1


def test_the_vendors_message_is_kept_without_our_key(vendor):
    with pytest.raises(Refused) as caught:
        vendor.says(gateway_error(401, f"无效的令牌 {KEY}")).submit()
    assert caught.value.vendor_message == "无效的令牌 [key]"
    assert KEY not in repr(caught.value) + str(caught.value)


def test_the_client_does_not_show_its_key():
    shown = repr(Comet(base_url="https://api.cometapi.com/", api_key=KEY))
    assert shown == "Comet(base_url='https://api.cometapi.com', schema_version='2')"


# --- what proves nothing --------------------------------------------------------------------------


def test_an_order_is_unsure_where_the_server_failed(vendor):
    for status in [408, 500, 502, 503, 504, 524]:
        for make in [gateway_error, http_answer, lambda status: refusal_answer(23, "full", status)]:
            with case((status, make)):
                with pytest.raises(Unsure):
                    vendor.says(make(status)).submit()
                assert len(vendor.seen) == 1


def test_an_answer_that_proves_nothing_leaves_the_order_unsure(vendor):
    cases = [
        # the gateway waits 60 s for its upstream, then says this
        relay_error("do_request_failed ", 5),
        relay_error("read_response_body_failed ", 5),
        refusal_answer(5, "unknown error"),
        relay_error("insert_midjourney_task_failed ", 4),  # said after the upstream's yes
        relay_error("copy_response_body_failed ", 4),
        relay_error("what is this", 77),
        refusal_answer(77),
        refusal_answer(1),
        gateway_error(200),
        http_answer(),
        http_answer(204),
        http_answer(body=b"null"),
        http_answer(body=b"[]"),
        http_answer(body=b"<!doctype html><title>CometAPI</title>"),
        http_answer(body=b"[" * 100_000),
        http_answer(body=b'{"code":1,"result":"17952'),
    ]
    for answer in cases:
        with case(answer), pytest.raises(Unsure, match="whether it took the order"):
            vendor.says(answer).submit()


def test_a_refusal_with_a_job_id_is_unsure(vendor):
    for code in [3, 4, 9, 23, 24, 30, 77, None]:
        for status in [200, 400, 429]:
            with case((code, status)), pytest.raises(Unsure):
                vendor.says(
                    refusal_answer(code, "队列已满", status, result="14001929738841620")
                ).submit()


def test_an_order_is_unsure_where_the_vendor_closes_the_connection(vendor):
    cases = [
        b"",
        b"HTTP/1.1 200",
        HEAD % 500 + YES,
        b"HTTP/1.1 400 No\r\nContent-Length: 90\r\n\r\n{",
        b"hi\r\n\r\n",
    ]
    for raw in cases:
        with case(raw):
            with pytest.raises(Unsure, match="may have been accepted"):
                vendor.says(Line(raw=raw)).submit()
            assert len(vendor.seen) == 1


def test_an_order_is_unsure_where_the_vendor_never_answers(vendor, monkeypatch):
    monkeypatch.setattr(http, "SEND_TIMEOUT", httpx.Timeout(0.2))
    with pytest.raises(Unsure, match="may have been accepted"):
        vendor.says(Line(silent=True)).submit()


def test_an_order_to_a_closed_port_is_tried_later(vendor):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TryLater, match="nothing was sent"):
        vendor.submit(base_url=f"http://127.0.0.1:{port}")
