"""Questions to CometAPI: one job, many jobs, pictures, stops, hooks, and what it cannot say."""

import json
from datetime import UTC, datetime

import pytest

from apps.vendors.comet.webhooks import parse_webhook
from apps.vendors.errors import BadSignature, JobNotFound, Refused, TryLater, Unsure
from apps.vendors.types import MissingOrder, Output, Progress, Report, StopResult, WebhookHint
from tests.vendors.comet.scripted import (
    JOB,
    KEY,
    Line,
    asked,
    gateway_error,
    line,
    refused,
    relay_error,
    task,
    told,
)

CLIPS = tuple(
    Output(url=f"https://cdn.example.test/video/9e/0_{number}.mp4") for number in range(4)
)
PNG = b"\x89PNG\r\n\x1a\n\x00"


# --- one job ------------------------------------------------------------------------------------------------


def test_a_finished_job_is_reported_with_everything_it_says(vendor):
    assert vendor.says(told()).report() == Report(
        progress=Progress.DONE,
        vendor_word="SUCCESS",
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


@pytest.mark.parametrize(
    ("word", "progress"),
    [
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
    ],
)
def test_the_vendors_words_become_ours(vendor, word, progress):
    assert vendor.says(told(status=word)).report().progress is progress


def test_a_word_nobody_has_seen_is_kept(vendor):
    assert vendor.says(told(status="PAUSED")).report().vendor_word == "PAUSED"


def test_a_job_that_waits_for_a_confirmation_says_so(vendor):
    assert "confirmation" in vendor.says(told(status="MODAL")).report().reason


def test_a_job_that_runs_has_no_clips_yet(vendor):
    running = vendor.says(told(status="IN_PROGRESS", progress="58%", finishTime=0)).report()
    assert (running.outputs, running.percent, running.inference_ms) == ((), 58, None)


@pytest.mark.parametrize(
    "progress", ["1" + " " * 400_000 + "x", "9" * 400_000, " " * 400_000, "58 %%", "101%"]
)
def test_a_progress_that_is_none_is_read_in_no_time_and_means_nothing(vendor, progress):
    assert vendor.says(told(status="IN_PROGRESS", progress=progress)).report().percent is None


@pytest.mark.parametrize(
    ("words", "progress"),
    [
        ("Banned prompt detected", Progress.MODERATED),
        ("Request cancelled due to image filters", Progress.MODERATED),
        ("可能包含敏感词", Progress.MODERATED),
        ("内容违规", Progress.MODERATED),
        ("取消任务", Progress.CANCELLED),
        ("上游任务超时（超过1小时）", Progress.FAILED),
        ("moderate wind broke the camera", Progress.FAILED),
        ("", Progress.FAILED),
    ],
)
def test_a_failed_job_says_why(vendor, words, progress):
    failed = vendor.says(told(status="FAILURE", failReason=words, progress="")).report()
    assert (failed.progress, failed.reason, failed.outputs) == (progress, words, ())


@pytest.mark.parametrize(
    "answer",
    [
        line(204),
        line(),
        line(body=b"null"),
        relay_error("task_no_found "),
        line(400, json_={"error": "midjourney_task_not_found"}),
        refused(4, "task_not_exist"),
        refused(3, "关联任务不存在或已失效", 404),
    ],
)
def test_a_job_the_vendor_does_not_know_is_lost(vendor, answer):
    with pytest.raises(JobNotFound):
        vendor.says(answer).report()


@pytest.mark.parametrize(
    "answer",
    [
        line(body=b"<html>task not found</html>"),
        line(body=b"[]"),
        line(body=b"{}"),
        line(body=b'{"id":"1795219200123456"}'),
        line(json_=task(id="")),
        line(json_=task(status={"a": 1})),
        line(json_=task(id="1795219200999999")),
        line(500, body=b"task not found"),
        line(408),
        line(503, Retry_After="7"),
        line(429),
        relay_error("saturated", 30, 429),
        refused(30, "saturated"),
        Line(raw=b""),
        Line(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"),
    ],
)
def test_a_question_without_an_answer_is_asked_later(vendor, answer):
    with pytest.raises(TryLater):
        vendor.says(answer).report()
    assert len(vendor.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        gateway_error(401),
        gateway_error(403),
        line(404, body=b"<html>"),
        line(302),
        relay_error("what", 4),
    ],
)
def test_a_question_we_may_not_ask_is_refused_but_no_job_is_called_lost(vendor, answer):
    with pytest.raises(Refused) as caught:
        vendor.says(answer).report()
    assert not isinstance(caught.value, JobNotFound)


def test_a_wait_the_vendor_asks_for_is_kept(vendor):
    with pytest.raises(TryLater) as caught:
        vendor.says(line(503, Retry_After="7")).report()
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("job", ["", "..", ".", "two words", "ж", "x" * 201])
def test_what_is_no_id_is_not_asked_for(vendor, job):
    with pytest.raises(JobNotFound):
        vendor.report(job)
    assert vendor.seen == []


def test_an_id_cannot_leave_its_place_in_the_address(vendor):
    vendor.says(told(id="a/../b?c#d")).report("a/../b?c#d")
    assert vendor.seen[0].path == "/mj/task/a%2F..%2Fb%3Fc%23d/fetch"


# --- many jobs ----------------------------------------------------------------------------------------------


def test_many_jobs_are_one_question_and_what_is_not_known_is_missing(vendor):
    vendor.says(line(json_=[task(id="3", status="FAILURE"), task(id=1)]))
    found = vendor.ask("reports", asked("1", "2", "3"))
    assert {job: report.progress for job, report in found.items()} == {
        "3": Progress.FAILED,
        "1": Progress.DONE,
    }
    [request] = vendor.seen
    assert (request.method, request.path) == ("POST", "/mj/task/list-by-condition")
    assert request.json == {"ids": ["1", "2", "3"]}


def test_more_than_a_hundred_jobs_are_several_questions(vendor):
    vendor.says(line(json_=[task(id="0")]), line(json_=[task(id="149")]))
    found = vendor.ask("reports", asked(*map(str, range(150))))
    assert list(found) == ["0", "149"]
    assert [len(request.json["ids"]) for request in vendor.seen] == [100, 50]


def test_nothing_asked_is_no_question(vendor):
    assert vendor.ask("reports", []) == {}
    assert vendor.seen == []


def test_one_broken_job_in_a_list_does_not_hide_the_others(vendor):
    vendor.says(
        line(json_=[None, 7, {}, task(id=None), task(properties='{"a":1}', videoUrls=None)])
    )
    assert list(vendor.ask("reports", asked(JOB))) == [JOB]


@pytest.mark.parametrize(
    "answer",
    [
        line(),
        line(204),
        line(body=b"null"),
        line(json_=task()),
        relay_error("task_no_found "),
        line(500),
        line(429),
    ],
)
def test_a_list_that_is_none_is_asked_for_later_and_no_job_is_called_lost(vendor, answer):
    with pytest.raises(TryLater):
        vendor.says(answer).ask("reports", asked(JOB))


def test_jobs_nobody_asked_about_are_not_heard_of(vendor):
    vendor.says(line(json_=[task(), *(task(id=f"{number}") for number in range(50))]))
    assert list(vendor.ask("reports", asked(JOB))) == [JOB]


def test_a_list_we_may_not_ask_for_is_refused(vendor):
    with pytest.raises(Refused, match="API key"):
        vendor.says(gateway_error(401)).ask("reports", asked(JOB))


# --- pictures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    [["https://cdn.example.test/a.png", "https://x.test/b"], "https://cdn.example.test/a.png"],
)
def test_a_picture_goes_inside_the_request_and_gets_an_address(vendor, result):
    vendor.says(line(json_={"code": 1, "description": "success", "result": result}))
    assert vendor.ask("upload", "dog.png", PNG, "image/png") == "https://cdn.example.test/a.png"
    [request] = vendor.seen
    assert (request.method, request.path) == ("POST", "/mj/submit/upload-discord-images")
    assert request.json == {"base64Array": ["data:image/png;base64,iVBORw0KGgoA"]}


def test_what_is_no_picture_is_not_sent(vendor):
    with pytest.raises(Refused, match=r"dog\.html"):
        vendor.ask("upload", "dog.html", b"<html>", "text/html")
    assert vendor.seen == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (line(json_={"code": 1, "result": []}), Unsure),
        (line(json_={"code": 1, "result": ["file:///etc/passwd"]}), Unsure),
        (line(body=b"<html>"), Unsure),
        (line(502), Unsure),
        (line(413), Refused),
        (refused(4, "base64Array 不能为空"), Refused),
        (gateway_error(429), TryLater),
    ],
)
def test_a_picture_without_an_address_is_sorted_like_an_order(vendor, answer, error):
    with pytest.raises(error):
        vendor.says(answer).ask("upload", "dog.png", PNG, "image/png")


# --- stops --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        line(404, json_={"error": {"message": f"Invalid URL (POST /mj/task/{JOB}/cancel)"}}),
        line(405),
        line(301),
        line(501),
        line(body=b"<!doctype html>"),
        line(400, body="演示模式，禁止操作".encode()),
    ],
)
def test_cometapi_has_no_way_to_stop_a_job(vendor, answer):
    assert vendor.says(answer).ask("stop", JOB) is StopResult.UNSUPPORTED
    assert [(request.method, request.path) for request in vendor.seen] == [
        ("POST", f"/mj/task/{JOB}/cancel")
    ]


@pytest.mark.parametrize(
    ("then", "stop"),
    [
        (told(status="FAILURE", failReason="取消任务"), StopResult.STOPPED),
        (told(status="CANCEL"), StopResult.STOPPED),
        (told(), StopResult.TOO_LATE),
        (told(status="FAILURE", failReason="no"), StopResult.TOO_LATE),
        (told(status="FAILURE", failReason="Banned prompt"), StopResult.TOO_LATE),
        (told(status="IN_PROGRESS"), StopResult.UNSUPPORTED),
    ],
)
def test_a_proxy_that_says_yes_to_every_stop_is_asked_what_became_of_the_job(vendor, then, stop):
    assert vendor.says(line(), then).ask("stop", JOB) is stop


def test_a_job_nobody_knows_cannot_be_stopped(vendor):
    with pytest.raises(JobNotFound):
        vendor.says(line(), line(204)).ask("stop", JOB)


@pytest.mark.parametrize("then", [line(500), Line(raw=b"")])
def test_a_stop_that_cannot_be_seen_is_unsure(vendor, then):
    with pytest.raises(Unsure):
        vendor.says(line(), then).ask("stop", JOB)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (line(500), Unsure),
        (Line(raw=b""), Unsure),
        (gateway_error(401), Refused),
        (line(429), TryLater),
    ],
)
def test_a_stop_in_trouble_is_sorted_like_an_order(vendor, answer, error):
    with pytest.raises(error):
        vendor.says(answer).ask("stop", JOB)


# --- what it cannot do, and says so -------------------------------------------------------------------------


def test_what_cometapi_cannot_say_is_unknown_and_costs_no_question(vendor):
    sought = MissingOrder(
        reference="job-7c1e", image_url="https://a.test", sent_at=datetime(2026, 11, 21, tzinfo=UTC)
    )
    assert vendor.ask("find_orders", [sought]) == {}
    assert vendor.ask("delete_jobs", [JOB]) == 0
    assert vendor.ask("balance") is None
    assert vendor.ask("price", {"mode": "fast"}) is None
    assert vendor.ask("webhook_secret") == ""
    assert vendor.seen == []


# --- hooks --------------------------------------------------------------------------------------------------


def test_a_call_is_a_hint_and_nothing_in_it_is_believed():
    assert parse_webhook({}, json.dumps(task()).encode()) == WebhookHint(
        vendor_job_id=JOB, progress=Progress.DONE
    )


def test_a_call_may_number_its_job_and_say_no_status():
    assert parse_webhook({}, b'{"id":17,"status":null}') == WebhookHint(vendor_job_id="17")


@pytest.mark.parametrize(
    ("status", "has_news"),
    [
        ("SUBMITTED", False),
        ("IN_PROGRESS", False),
        ("SUCCESS", True),
        ("FAILURE", True),
        ("PAUSED", True),
        ("", True),
    ],
)
def test_only_a_call_that_may_tell_an_end_is_news(status, has_news):
    assert (
        parse_webhook({}, json.dumps({"id": "17", "status": status}).encode()).has_news is has_news
    )


@pytest.mark.parametrize(
    "raw",
    [
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
    ],
)
def test_a_call_that_names_no_job_is_forged(raw):
    with pytest.raises(BadSignature):
        parse_webhook({}, raw)
