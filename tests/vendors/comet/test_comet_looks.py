"""Polls, uploads, stops and webhooks of CometAPI, and what it cannot do."""

import json
from datetime import UTC, datetime

import pytest

from apps.vendors.comet.webhooks import parse_webhook
from apps.vendors.errors import BadSignature, JobNotFound, Refused, TryLater, Unsure
from apps.vendors.types import MissingOrder, Output, Progress, Report, StopResult, WebhookHint
from tests.support.cases import case
from tests.vendors.comet.scripted import (
    JOB,
    KEY,
    Line,
    gateway_error,
    http_answer,
    job_answer,
    job_queries,
    refusal_answer,
    relay_error,
    task,
)

CLIPS = tuple(
    Output(url=f"https://cdn.example.test/video/9e/0_{number}.mp4") for number in range(4)
)
PNG = b"\x89PNG\r\n\x1a\n\x00"


# --- one job --------------------------------------------------------------------------------------


def test_a_finished_job_is_reported_with_all_its_fields(vendor):
    assert vendor.says(job_answer()).report() == Report(
        progress=Progress.DONE,
        vendor_status="SUCCESS",
        vendor_job_id=JOB,
        outputs=CLIPS,
        percent=100,
        inference_ms=88_000,
        created_at=datetime(2026, 11, 21, 0, 0, 0, 123000, tzinfo=UTC),
        reference="job-7c1e",
    )
    [request] = vendor.seen
    assert (request.method, request.path) == ("GET", f"/mj/task/{JOB}/fetch")
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_each_status_has_a_progress(vendor):
    cases = [
        ("", Progress.WAITING),
        (None, Progress.WAITING),
        ("NOT_START", Progress.WAITING),
        ("SUBMITTED", Progress.WAITING),
        ("IN_PROGRESS", Progress.RUNNING),
        ("SUCCESS", Progress.DONE),
        ("FAILURE", Progress.FAILED),
        ("MODAL", Progress.FAILED),
        ("CANCEL", Progress.CANCELLED),
        ("success", Progress.DONE),
        ("PAUSED", Progress.UNKNOWN),
        (7, Progress.UNKNOWN),
    ]
    for word, progress in cases:
        with case((word, progress)):
            assert vendor.says(job_answer(status=word)).report().progress is progress


def test_an_unknown_status_is_kept(vendor):
    assert vendor.says(job_answer(status="PAUSED")).report().vendor_status == "PAUSED"


def test_a_job_that_waits_for_a_confirmation_has_a_reason(vendor):
    assert "confirmation" in vendor.says(job_answer(status="MODAL")).report().reason


def test_a_running_job_has_no_clips(vendor):
    running = vendor.says(job_answer(status="IN_PROGRESS", progress="58%", finishTime=0)).report()
    assert (running.outputs, running.percent, running.inference_ms) == ((), 58, None)


def test_an_invalid_progress_is_unknown_and_parsed_quickly(vendor):
    for progress in ["1" + " " * 400_000 + "x", "9" * 400_000, " " * 400_000, "58 %%", "101%"]:
        with case(progress):
            running = vendor.says(job_answer(status="IN_PROGRESS", progress=progress)).report()
            assert running.percent is None


def test_a_failed_job_has_a_reason(vendor):
    cases = [
        ("Banned prompt detected", Progress.MODERATED),
        ("Request cancelled due to image filters", Progress.MODERATED),
        ("可能包含敏感词", Progress.MODERATED),
        ("内容违规", Progress.MODERATED),
        ("取消任务", Progress.CANCELLED),
        ("上游任务超时（超过1小时）", Progress.FAILED),
        ("moderate wind broke the camera", Progress.FAILED),
        ("", Progress.FAILED),
    ]
    for words, progress in cases:
        with case((words, progress)):
            failed = vendor.says(
                job_answer(status="FAILURE", failReason=words, progress="")
            ).report()
            assert (failed.progress, failed.reason, failed.outputs) == (progress, words, ())


def test_a_job_the_vendor_does_not_know_is_not_found(vendor):
    cases = [
        http_answer(204),
        http_answer(),
        http_answer(body=b"null"),
        relay_error("task_no_found "),
        http_answer(400, json_={"error": "midjourney_task_not_found"}),
        refusal_answer(4, "task_not_exist"),
        refusal_answer(3, "关联任务不存在或已失效", 404),
    ]
    for answer in cases:
        with case(answer), pytest.raises(JobNotFound):
            vendor.says(answer).report()


def test_a_poll_without_an_answer_is_tried_later(vendor):
    cases = [
        http_answer(body=b"<html>task not found</html>"),
        http_answer(body=b"[]"),
        http_answer(body=b"{}"),
        http_answer(body=b'{"id":"1795219200123456"}'),
        http_answer(json_=task(id="")),
        http_answer(json_=task(status={"a": 1})),
        http_answer(json_=task(id="1795219200999999")),
        http_answer(500, body=b"task not found"),
        http_answer(408),
        http_answer(503, Retry_After="7"),
        http_answer(429),
        relay_error("saturated", 30, 429),
        refusal_answer(30, "saturated"),
        Line(raw=b""),
        Line(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"),
    ]
    for answer in cases:
        with case(answer):
            with pytest.raises(TryLater):
                vendor.says(answer).report()
            assert len(vendor.seen) == 1


def test_a_refused_poll_does_not_mean_that_the_job_is_not_found(vendor):
    cases = [
        gateway_error(401),
        gateway_error(403),
        http_answer(404, body=b"<html>"),
        http_answer(302),
        relay_error("what", 4),
    ]
    for answer in cases:
        with case(answer):
            with pytest.raises(Refused) as caught:
                vendor.says(answer).report()
            assert not isinstance(caught.value, JobNotFound)


def test_a_retry_after_header_is_kept(vendor):
    with pytest.raises(TryLater) as caught:
        vendor.says(http_answer(503, Retry_After="7")).report()
    assert caught.value.retry_after == 7


def test_an_invalid_id_is_not_polled(vendor):
    for job in ["", "..", ".", "two words", "ж", "x" * 201]:
        with case(job):
            with pytest.raises(JobNotFound):
                vendor.report(job)
            assert vendor.seen == []


def test_an_id_cannot_change_the_path(vendor):
    vendor.says(job_answer(id="a/../b?c#d")).report("a/../b?c#d")
    assert vendor.seen[0].path == "/mj/task/a%2F..%2Fb%3Fc%23d/fetch"


# --- many jobs ------------------------------------------------------------------------------------


def test_many_jobs_are_polled_in_one_request_without_unknown_ones(vendor):
    vendor.says(http_answer(json_=[task(id="3", status="FAILURE"), task(id=1)]))
    found = vendor.ask("reports", job_queries("1", "2", "3"))
    assert {job: report.progress for job, report in found.items()} == {
        "3": Progress.FAILED,
        "1": Progress.DONE,
    }
    [request] = vendor.seen
    assert (request.method, request.path) == ("POST", "/mj/task/list-by-condition")
    assert request.json == {"ids": ["1", "2", "3"]}


def test_more_than_a_hundred_jobs_are_polled_in_several_requests(vendor):
    vendor.says(http_answer(json_=[task(id="0")]), http_answer(json_=[task(id="149")]))
    found = vendor.ask("reports", job_queries(*map(str, range(150))))
    assert list(found) == ["0", "149"]
    assert [len(request.json["ids"]) for request in vendor.seen] == [100, 50]


def test_a_poll_of_no_jobs_sends_nothing(vendor):
    assert vendor.ask("reports", []) == {}
    assert vendor.seen == []


def test_one_invalid_job_in_a_list_does_not_hide_the_others(vendor):
    vendor.says(
        http_answer(json_=[None, 7, {}, task(id=None), task(properties='{"a":1}', videoUrls=None)])
    )
    assert list(vendor.ask("reports", job_queries(JOB))) == [JOB]


def test_an_invalid_list_is_tried_later(vendor):
    cases = [
        http_answer(),
        http_answer(204),
        http_answer(body=b"null"),
        http_answer(json_=task()),
        relay_error("task_no_found "),
        http_answer(500),
        http_answer(429),
    ]
    for answer in cases:
        with case(answer), pytest.raises(TryLater):
            vendor.says(answer).ask("reports", job_queries(JOB))


def test_jobs_beyond_the_query_are_ignored(vendor):
    vendor.says(http_answer(json_=[task(), *(task(id=f"{number}") for number in range(50))]))
    assert list(vendor.ask("reports", job_queries(JOB))) == [JOB]


def test_a_list_without_permission_is_refused(vendor):
    with pytest.raises(Refused, match="API key"):
        vendor.says(gateway_error(401)).ask("reports", job_queries(JOB))


# --- pictures -------------------------------------------------------------------------------------


def test_a_picture_is_uploaded_in_the_request_and_gets_an_address(vendor):
    for result in [
        ["https://cdn.example.test/a.png", "https://x.test/b"],
        "https://cdn.example.test/a.png",
    ]:
        with case(result):
            vendor.says(http_answer(json_={"code": 1, "description": "success", "result": result}))
            uploaded = vendor.ask("upload", "dog.png", PNG, "image/png")
            assert uploaded == "https://cdn.example.test/a.png"
            [request] = vendor.seen
            assert (request.method, request.path) == ("POST", "/mj/submit/upload-discord-images")
            assert request.json == {"base64Array": ["data:image/png;base64,iVBORw0KGgoA"]}


def test_a_file_that_is_no_picture_is_not_uploaded(vendor):
    with pytest.raises(Refused, match=r"dog\.html"):
        vendor.ask("upload", "dog.html", b"<html>", "text/html")
    assert vendor.seen == []


def test_an_upload_without_an_address_is_an_error_like_an_orders(vendor):
    cases = [
        (http_answer(json_={"code": 1, "result": []}), Unsure),
        (http_answer(json_={"code": 1, "result": ["file:///etc/passwd"]}), Unsure),
        (http_answer(body=b"<html>"), Unsure),
        (http_answer(502), Unsure),
        (http_answer(413), Refused),
        (refusal_answer(4, "base64Array 不能为空"), Refused),
        (gateway_error(429), TryLater),
    ]
    for answer, error in cases:
        with case((answer, error)), pytest.raises(error):
            vendor.says(answer).ask("upload", "dog.png", PNG, "image/png")


# --- stops ----------------------------------------------------------------------------------------


def test_cometapi_has_no_way_to_stop_a_job(vendor):
    cases = [
        http_answer(404, json_={"error": {"message": f"Invalid URL (POST /mj/task/{JOB}/cancel)"}}),
        http_answer(405),
        http_answer(301),
        http_answer(501),
        http_answer(body=b"<!doctype html>"),
        http_answer(400, body="演示模式，禁止操作".encode()),
    ]
    for answer in cases:
        with case(answer):
            assert vendor.says(answer).ask("stop", JOB) is StopResult.UNSUPPORTED
            assert [(request.method, request.path) for request in vendor.seen] == [
                ("POST", f"/mj/task/{JOB}/cancel")
            ]


def test_an_accepted_stop_is_checked_by_polling_the_job(vendor):
    cases = [
        (job_answer(status="FAILURE", failReason="取消任务"), StopResult.STOPPED),
        (job_answer(status="CANCEL"), StopResult.STOPPED),
        (job_answer(), StopResult.TOO_LATE),
        (job_answer(status="FAILURE", failReason="no"), StopResult.TOO_LATE),
        (job_answer(status="FAILURE", failReason="Banned prompt"), StopResult.TOO_LATE),
        (job_answer(status="IN_PROGRESS"), StopResult.UNSUPPORTED),
    ]
    for then, stop in cases:
        with case((then, stop)):
            assert vendor.says(http_answer(), then).ask("stop", JOB) is stop


def test_an_unknown_job_cannot_be_stopped(vendor):
    with pytest.raises(JobNotFound):
        vendor.says(http_answer(), http_answer(204)).ask("stop", JOB)


def test_a_stop_is_unsure_where_the_poll_fails(vendor):
    for then in [http_answer(500), Line(raw=b"")]:
        with case(then), pytest.raises(Unsure):
            vendor.says(http_answer(), then).ask("stop", JOB)


def test_a_failed_stop_is_an_error_like_an_orders(vendor):
    cases = [
        (http_answer(500), Unsure),
        (Line(raw=b""), Unsure),
        (gateway_error(401), Refused),
        (http_answer(429), TryLater),
    ]
    for answer, error in cases:
        with case((answer, error)), pytest.raises(error):
            vendor.says(answer).ask("stop", JOB)


# --- what it cannot do, and says so ---------------------------------------------------------------


def test_what_cometapi_cannot_do_is_answered_without_a_request(vendor):
    sought = MissingOrder(
        reference="job-7c1e", image_url="https://a.test", sent_at=datetime(2026, 11, 21, tzinfo=UTC)
    )
    assert vendor.ask("find_orders", [sought]) == {}
    assert vendor.ask("delete_jobs", [JOB]) == 0
    assert vendor.ask("balance") is None
    assert vendor.ask("price", {"mode": "fast"}) is None
    assert vendor.ask("webhook_secret") == ""
    assert vendor.seen == []


# --- hooks ----------------------------------------------------------------------------------------


def test_a_webhook_is_a_hint():
    assert parse_webhook({}, json.dumps(task()).encode()) == WebhookHint(
        vendor_job_id=JOB, progress=Progress.DONE
    )


def test_a_webhook_may_have_a_numeric_id_and_no_status():
    assert parse_webhook({}, b'{"id":17,"status":null}') == WebhookHint(vendor_job_id="17")


def test_only_a_webhook_that_may_report_an_end_has_news():
    cases = [
        ("SUBMITTED", False),
        ("IN_PROGRESS", False),
        ("SUCCESS", True),
        ("FAILURE", True),
        ("PAUSED", True),
        ("", True),
    ]
    for status, has_news in cases:
        with case((status, has_news)):
            hint = parse_webhook({}, json.dumps({"id": "17", "status": status}).encode())
            assert hint.has_news is has_news


def test_a_webhook_without_a_job_is_refused():
    cases = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html>",
        b'{"id":""}',
        b'{"id":"a b"}',
        b'{"id":true}',
        b"\xff",
        b"[" * 9999,
    ]
    for raw in cases:
        with case(raw), pytest.raises(BadSignature):
            parse_webhook({}, raw)
