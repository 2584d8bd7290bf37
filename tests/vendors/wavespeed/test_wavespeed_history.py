"""Polling many jobs and searching lost orders by the vendor's list."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vendors.errors import Refused, TryLater, VendorError
from apps.vendors.http import HttpClient
from apps.vendors.types import JobQuery, MissingOrder, Output, Progress, Report
from apps.vendors.wavespeed import order_search
from apps.vendors.wavespeed.history import MAX_ITEMS_PER_PAGE, MAX_URL_CHARACTERS, History
from apps.vendors.wavespeed.time_windows import TimeWindow
from tests.support.cases import case
from tests.vendors.wavespeed.server import (
    BASE,
    BODIES,
    KEY,
    MODEL,
    JobList,
    client_answered,
    client_failing,
    envelope,
    prediction,
    wavespeed,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLACE = "/api/v3/predictions"
LIST = f"POST {PLACE}"
THREE = [
    JobQuery(vendor_job_id=f"job-{number}", accepted_at=NOON + number * SECOND)
    for number in range(3)
]


def job_queries(
    count: int, *, start: datetime = NOON, apart: timedelta = SECOND, name: str = "job"
) -> list[JobQuery]:
    return [
        JobQuery(vendor_job_id=f"{name}-{n}", accepted_at=start + n * apart) for n in range(count)
    ]


@pytest.fixture
def job_list(server):
    """The jobs that the server answers with."""
    server.respond = JobList()
    return server.respond


def add_all(job_list: JobList, wanted: list[JobQuery], **changes) -> None:
    for one in wanted:
        job_list.add(one.vendor_job_id, one.accepted_at, **changes)


# --- batches --------------------------------------------------------------------------------------


def test_a_hundred_jobs_are_polled_in_one_request(server, job_list):
    wanted = job_queries(100)
    add_all(job_list, wanted)
    found = server.client().reports(wanted)
    assert found.keys() == {one.vendor_job_id for one in wanted}
    assert {report.progress for report in found.values()} == {Progress.RUNNING}
    assert all(report.vendor_job_id == job_id for job_id, report in found.items())
    assert server.paths() == [LIST]


def test_a_list_request_has_model_page_and_time_window(server, job_list):
    server.client().reports(job_queries(2, apart=timedelta(minutes=1)))
    assert server.requests[0].json == {
        "model": MODEL,
        "page": 1,
        "page_size": 100,
        "created_after": "2026-11-21T11:57:00Z",
        "created_before": "2026-11-21T12:04:00Z",
    }


def test_a_finished_job_has_the_same_report_in_the_list_and_alone(server, job_list):
    wanted = job_queries(2)
    clips = {
        "status": "completed",
        "outputs": ["https://a.test/0.mp4"],
        "has_nsfw_contents": [True],
    }
    add_all(job_list, wanted, **clips, input={"image": "https://a.test/in.png"})
    found = server.client().reports(wanted)
    assert found["job-0"].outputs == (Output(url="https://a.test/0.mp4", nsfw=True),)
    assert found["job-0"].image_url == "https://a.test/in.png"
    assert found["job-0"] == server.client().report("job-0")


def test_a_clock_two_minutes_off_hides_no_job(server, job_list):
    wanted = job_queries(2)
    for one, off in zip(wanted, (-2, 2), strict=True):
        job_list.add(one.vendor_job_id, one.accepted_at + timedelta(minutes=off))
    assert server.client().reports(wanted).keys() == {"job-0", "job-1"}


def test_other_jobs_in_the_list_are_reported_as_well(server, job_list):
    add_all(job_list, job_queries(3))
    assert "job-2" in server.client().reports(job_queries(2))


def test_jobs_far_apart_are_listed_in_separate_windows(server, job_list):
    early, late = (
        job_queries(2, name="early"),
        job_queries(2, start=NOON + timedelta(days=3), name="late"),
    )
    add_all(job_list, early + late)
    assert server.client().reports([*late, *early]).keys() == {
        "early-0",
        "early-1",
        "late-0",
        "late-1",
    }
    spans = [
        datetime.fromisoformat(request.json["created_before"])
        - datetime.fromisoformat(request.json["created_after"])
        for request in server.requests
    ]
    assert len(spans) == 2
    assert max(spans) < timedelta(minutes=10)


def test_jobs_without_a_neighbour_are_not_listed(server, job_list):
    for wanted in [
        [],
        job_queries(1),
        job_queries(5, apart=timedelta(hours=1)),
        job_queries(1) * 3,
    ]:
        with case(wanted):
            server.requests.clear()
            job_list.clear()
            add_all(job_list, wanted)
            assert server.client().reports(wanted) == {}
            assert server.paths() == []


def test_pages_are_read_until_every_job_is_seen(server, job_list):
    wanted = job_queries(3)  # the oldest, so on the last page
    add_all(job_list, wanted)
    add_all(job_list, job_queries(150, start=NOON + 10 * SECOND, apart=timedelta(), name="other"))
    assert server.client().reports(wanted).keys() >= {"job-0", "job-1", "job-2"}
    assert [request.json["page"] for request in server.requests] == [1, 2]


def test_no_page_is_read_after_the_last_job_is_seen(server, job_list):
    add_all(job_list, job_queries(150, start=NOON - 60 * SECOND, apart=timedelta(), name="other"))
    wanted = job_queries(3)
    add_all(job_list, wanted)
    assert server.client().reports(wanted).keys() >= {"job-0", "job-1", "job-2"}
    assert server.paths() == [LIST]


def test_a_list_with_more_pages_than_jobs_is_left_after_one_page(server, job_list):
    wanted = job_queries(3)
    add_all(job_list, wanted)
    add_all(job_list, job_queries(400, start=NOON + 10 * SECOND, apart=timedelta(), name="other"))
    assert not server.client().reports(wanted).keys() & {"job-0", "job-1", "job-2"}
    assert server.paths() == [LIST]


def test_the_items_of_one_page_are_limited(server):
    wanted = [replace(one, is_vendor_clock=True) for one in job_queries(2)]
    items = [prediction(id=f"job-{number}") for number in range(5000)]
    server.routes(predictions=(200, envelope({"items": items, "total": 5000})))
    found = server.client().reports(wanted)
    assert 2 <= len(found) <= MAX_ITEMS_PER_PAGE


def test_a_long_list_is_read_while_it_has_fewer_pages_than_jobs(server, job_list):
    wanted = job_queries(50)
    add_all(job_list, wanted)
    add_all(job_list, job_queries(2000, start=NOON + 60 * SECOND, apart=timedelta(), name="other"))
    assert server.client().reports(wanted).keys() >= {one.vendor_job_id for one in wanted}
    assert len(server.requests) == 21


def test_jobs_with_the_vendors_own_time_get_a_window_without_leeway(server, job_list):
    wanted = [replace(one, is_vendor_clock=True) for one in job_queries(50)]
    add_all(job_list, wanted)
    add_all(job_list, job_queries(2000, start=NOON + 60 * SECOND, apart=timedelta(), name="other"))
    assert server.client().reports(wanted).keys() == {one.vendor_job_id for one in wanted}
    assert len(server.requests) == 1


def test_a_list_without_a_total_is_read(server, job_list):
    for says_total in [True, False]:
        with case(says_total):
            server.requests.clear()
            job_list.clear()
            job_list.says_total = says_total
            wanted = job_queries(90, apart=timedelta())
            add_all(job_list, wanted)
            add_all(
                job_list, job_queries(100, start=NOON + SECOND, apart=timedelta(), name="other")
            )
            assert server.client().reports(wanted).keys() >= {one.vendor_job_id for one in wanted}
            assert len(server.requests) == 2


def test_a_list_that_repeats_a_page_is_left(server):
    items = [prediction(id=f"other-{number}", status="processing") for number in range(100)]
    server.respond = lambda request: (200, envelope({"items": items}))
    server.client().reports(job_queries(50))
    assert len(server.requests) == 2


def test_a_job_with_too_few_fields_in_the_list_is_not_reported():
    cases = [
        {"status": "completed", "outputs": []},
        {"status": "completed", "outputs": None},
        {"status": "completed", "outputs": ["https://a.test/0.mp4"]},
        {"status": "failed"},
        {"status": "timeout", "error": "x"},
    ]
    for thin in cases:
        with case(thin):
            items = [{"id": "job-0", **thin}, {"id": "job-1", "status": "processing"}]
            found = client_answered(json=envelope({"page": 1, "items": items})).reports(THREE)
            assert found.keys() == {"job-1"}


def test_a_list_without_valid_jobs_is_empty():
    cases = [
        envelope({"page": 1}),
        envelope({"page": 1, "items": None}),
        envelope({"page": 1, "items": {}}),
        envelope(None),
        {"page": 1, "items": []},
        [],
        envelope(
            {"items": [None, 7, "x", [], {}, {"id": "job-0"}, {"id": 5, "status": "created"}]}
        ),
        envelope(
            {
                "items": [{"id": "", "status": "created"}, {"id": "a\nb", "status": "created"}],
                "total": 9,
            }
        ),
    ]
    for body in cases:
        with case(body):
            assert client_answered(json=body).reports(THREE) == {}


def test_an_invalid_total_hides_no_job():
    items = [{"id": "job-0", "status": "created"}]
    for total in ["9", None, -1, 0, True, 10**400, {}]:
        with case(total):
            client = client_answered(json=envelope({"items": items, "total": total}))
            assert client.reports(THREE).keys() == {"job-0"}


def test_a_list_may_have_an_envelope_or_none():
    items = [{"id": "job-0", "status": "pending"}, "nonsense"]
    page = {"page": 1, "items": items}
    waiting = Report(progress=Progress.WAITING, vendor_status="pending", vendor_job_id="job-0")
    for body in (envelope(page), page, items):
        with case(body):
            assert client_answered(json=body).reports(THREE) == {"job-0": waiting}


def test_a_vendor_without_a_list_reports_nothing():
    for status in [400, 403, 404, 405, 422]:
        with case(status):
            assert client_answered(status, json={"message": "no"}).reports(THREE) == {}


def test_a_rejected_key_refuses_a_list():
    with pytest.raises(Refused, match="API key"):
        client_answered(401).reports(THREE)


def test_a_list_is_tried_later_where_the_server_failed():
    for status in [429, 500, 503]:
        with case(status):
            with pytest.raises(TryLater) as caught:
                client_answered(status, headers={"Retry-After": "9"}).reports(THREE)
            assert caught.value.retry_after == 9


def test_a_list_without_an_answer_is_tried_later():
    with pytest.raises(TryLater):
        client_failing(httpx.ConnectError).reports(THREE)
    with pytest.raises(TryLater):
        client_answered(content=b"<html>").reports(THREE)


# --- searches -------------------------------------------------------------------------------------

IMAGE = "https://assets.example.test/in/harbour-7f3a9c01.png"
LOST = MissingOrder(reference="7f3a9c01", image_url=IMAGE, sent_at=NOON)


def test_an_order_whose_answer_was_lost_is_found_by_its_image(server, job_list):
    job_list.add("other", NOON, input={"image": "https://assets.example.test/in/harbour.png"})
    job_list.add("mine", NOON + SECOND, input={"image": IMAGE, "prompt": "x"})
    [(reference, report)] = server.client().find_orders([LOST]).items()
    assert (reference, report.vendor_job_id, report.progress) == (
        "7f3a9c01",
        "mine",
        Progress.RUNNING,
    )
    assert server.paths() == [LIST]


def test_the_inputs_are_found_under_either_name(server, job_list):
    for name in ["input", "inputs"]:
        with case(name):
            server.requests.clear()
            job_list.clear()
            job_list.add("mine", NOON, **{name: {"image": IMAGE}})
            assert server.client().find_orders([LOST])["7f3a9c01"].image_url == IMAGE


def test_an_order_that_never_arrived_is_absent(server, job_list):
    job_list.add("other", NOON, input={"image": "https://assets.example.test/else.png"})
    assert server.client().find_orders([LOST]) == {"7f3a9c01": None}


def test_a_clock_minutes_off_hides_no_order(server, job_list):
    for off in [-14, -3, 3, 29]:
        with case(off):
            server.requests.clear()
            job_list.clear()
            job_list.add("mine", NOON + timedelta(minutes=off), input={"image": IMAGE})
            assert server.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "mine"


def test_a_reference_counts_as_a_whole_word_only(server, job_list):
    cases = [
        ("https://media.example.test/u/7f3a9c01/in.png", True),
        ("https://media.example.test/u/in_7f3a9c01.png", True),
        ("https://media.example.test/u/7f3a9c017/in.png", False),
        ("https://media.example.test/u/07f3a9c01.png", False),
        ("https://media.example.test/u/7f3a9c01-2.png", False),
        ("", False),
    ]
    for image, found in cases:
        with case((image, found)):
            server.requests.clear()
            job_list.clear()
            job_list.add("mine", NOON, input={"image": image})
            assert bool(server.client().find_orders([LOST])["7f3a9c01"]) is found


def test_a_short_reference_is_ignored(server, job_list):
    job_list.add("other", NOON, input={"image": "https://elsewhere.example.test/7/in.png"})
    assert server.client().find_orders(
        [MissingOrder(reference="7", image_url=IMAGE, sent_at=NOON)]
    ) == {"7": None}


def test_an_order_without_reference_and_image_matches_no_job(server, job_list):
    for image in ["", "https://assets.example.test/a.png"]:
        with case(image):
            server.requests.clear()
            job_list.clear()
            job_list.add("mine", NOON, input={"image": image})
            assert server.client().find_orders(
                [MissingOrder(reference="", image_url="", sent_at=NOON)]
            ) == {"": None}


def test_the_earliest_of_two_jobs_with_the_orders_image_counts(server, job_list):
    job_list.add("second", NOON + 2 * SECOND, input={"image": IMAGE})
    job_list.add("first", NOON + SECOND, input={"image": IMAGE})
    assert server.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "first"


def test_a_job_that_matches_two_orders_leaves_both_undecided(server, job_list):
    job_list.add("whose", NOON, input={"image": "https://assets.example.test/same.png"})
    twins = [
        MissingOrder(
            reference=reference, image_url="https://assets.example.test/same.png", sent_at=NOON
        )
        for reference in ("a1", "b2")
    ]
    assert server.client().find_orders(twins) == {}


def test_several_orders_are_found_in_one_list(server, job_list):
    lost = [
        MissingOrder(
            reference=f"m{n}",
            image_url=f"https://assets.example.test/{n}.png",
            sent_at=NOON + n * SECOND,
        )
        for n in range(5)
    ]
    for number in range(5):
        job_list.add(
            f"job-{number}", NOON, input={"image": f"https://assets.example.test/{number}.png"}
        )
    found = server.client().find_orders(lost)
    assert {reference: report.vendor_job_id for reference, report in found.items()} == {
        f"m{number}": f"job-{number}" for number in range(5)
    }
    assert server.paths() == [LIST]


def test_a_search_reads_every_page(server, job_list):
    job_list.add("mine", NOON, input={"image": IMAGE})
    add_all(job_list, job_queries(350, start=NOON + SECOND, apart=timedelta(), name="other"))
    assert server.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "mine"
    assert len(server.requests) == 4


def test_a_search_goes_on_after_a_short_page_without_a_total(server, job_list):
    job_list.says_total, job_list.hidden = False, {"other-7"}
    job_list.add("mine", NOON, input={"image": IMAGE})
    add_all(job_list, job_queries(150, start=NOON + SECOND, apart=timedelta(), name="other"))
    assert server.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "mine"


def test_an_order_is_found_without_polling_its_job(server):
    thin = {"id": "mine", "status": "completed", "input": {"image": IMAGE}}
    for status in [404, 500]:
        with case(status):
            server.reset()
            own_answer = (status, {})
            server.respond = lambda request, own_answer=own_answer: (
                (200, {"items": [thin]}) if request.method == "POST" else own_answer
            )
            assert server.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "mine"
            assert set(server.paths()) == {LIST}


def test_a_search_for_no_orders_sends_nothing(server):
    assert server.client().find_orders([]) == {}
    assert server.requests == []


def test_a_failed_search_reports_no_order_as_absent():
    for status, error in [(401, Refused), (403, Refused), (404, Refused), (503, TryLater)]:
        with case((status, error)), pytest.raises(error):
            client_answered(status, json={"message": "no"}).find_orders([LOST])


def test_a_long_image_address_is_compared_in_full(server, job_list):
    long = "https://assets.example.test/in.png?sig=" + "a" * 3000
    job_list.add("other", NOON, input={"image": long + "b"})
    job_list.add("mine", NOON + SECOND, input={"image": long})
    found = server.client().find_orders(
        [MissingOrder(reference="zz", image_url=long, sent_at=NOON)]
    )
    assert found["zz"].vendor_job_id == "mine"


# --- searches in a crowd --------------------------------------------------------------------------


@cache
def crowd(*, jobs: int, apart: float) -> JobList:
    """Return a vendor with many jobs from noon on, each with its own image; do not change it."""
    job_list = JobList()
    for number in range(jobs):
        image = {"image": f"https://h.test/{number}.jpg"}
        job_list.add(f"job-{number}", NOON + timedelta(seconds=number * apart), input=image)
    return job_list


def lost_order(number: int, *, apart: float) -> MissingOrder:
    sent_at = NOON + timedelta(seconds=number * apart)
    return MissingOrder(
        reference=f"{number:032}", image_url=f"https://h.test/{number}.jpg", sent_at=sent_at
    )


def test_an_order_in_a_busy_hour_is_found_in_few_pages(monkeypatch):
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_SEARCH", 50)
    wanted = lost_order(10, apart=0.25)
    [report] = wavespeed(crowd(jobs=6000, apart=0.25).respond).find_orders([wanted]).values()
    assert report.vendor_job_id == "job-10"


def test_orders_lost_over_two_busy_hours_are_all_found():
    wanted = [lost_order(360 * number, apart=1.5) for number in range(12)]
    found = wavespeed(crowd(jobs=6000, apart=1.5).respond).find_orders(wanted)
    assert {report.vendor_job_id for report in found.values()} == {
        f"job-{360 * n}" for n in range(12)
    }


def test_an_order_is_absent_after_every_page_was_read():
    job_list = crowd(jobs=6000, apart=0.25)
    assert wavespeed(job_list.respond).find_orders([LOST]) == {"7f3a9c01": None}


def test_an_unfinished_search_reports_no_order_as_absent(monkeypatch):
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_SEARCH", 20)
    assert wavespeed(crowd(jobs=6000, apart=0.25).respond).find_orders([LOST]) == {}


def test_the_first_orders_are_decided_first(monkeypatch):
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_SEARCH", 200)
    job_list = crowd(jobs=12_000, apart=0.5)
    hours = [
        replace(LOST, reference=reference, sent_at=NOON + timedelta(hours=1) * n)
        for n, reference in enumerate("ab")
    ]
    assert wavespeed(job_list.respond).find_orders(hours) == {"a": None, "b": None}
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_SEARCH", 80)
    assert wavespeed(job_list.respond).find_orders(hours) == {"a": None}
    assert wavespeed(job_list.respond).find_orders(hours[::-1]) == {"b": None}


def test_a_job_at_the_edge_of_two_windows_is_found(monkeypatch):
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_WINDOW", 1)
    job_list = crowd(jobs=3000, apart=0.25)
    wanted = [
        replace(lost_order(number, apart=0.25), sent_at=NOON) for number in range(0, 3000, 75)
    ]
    assert all(wavespeed(job_list.respond).find_orders(wanted).values())


def test_many_jobs_in_one_second_do_not_split_windows_for_ever(server, job_list):
    add_all(job_list, job_queries(3000, apart=timedelta(), name="other"))
    assert server.client().find_orders([LOST]) == {"7f3a9c01": None}
    assert len(server.requests) < 100


def test_a_list_that_ignores_the_window_is_read():
    job_list = crowd(jobs=6000, apart=0.25)
    every = {"created_after": "2026-11-01T00:00:00Z", "created_before": "2026-12-01T00:00:00Z"}

    def handler(request):
        question = json.loads(request.content) | every
        return httpx.Response(
            200, json=job_list(SimpleNamespace(method="POST", path=PLACE, json=question))[1]
        )

    [report] = wavespeed(handler).find_orders([lost_order(10, apart=0.25)]).values()
    assert report.vendor_job_id == "job-10"


def test_a_long_list_without_a_total_is_read():
    job_list = replace(crowd(jobs=6000, apart=0.25), says_total=False)
    there = lost_order(10, apart=0.25)
    found = wavespeed(job_list.respond).find_orders([there, LOST])
    assert (found[there.reference].vendor_job_id, found[LOST.reference]) == ("job-10", None)


def test_an_incomplete_list_reports_no_order_as_absent():
    others = [prediction(id=f"other-{number}") for number in range(MAX_ITEMS_PER_PAGE + 1)]
    unreadable = {"id": "whose", "input": {"image": IMAGE}}
    pages = {
        "the same page for ever": {"items": others[:100]},
        "one job for two pages": {"items": others[:1], "total": 150},
        "no items": {"items": None, "total": 5},
        "an unreadable job": {"items": [unreadable], "total": 1},
        "too many items on a page": {"items": others},
    }
    for name, page in pages.items():
        with case(name):
            assert client_answered(json=envelope(page)).find_orders([LOST]) == {}


def test_a_list_may_count_a_job_that_it_does_not_show(server, job_list):
    job_list.hidden = {"other-7"}
    add_all(job_list, job_queries(150, apart=timedelta(), name="other"))
    assert server.client().find_orders([LOST]) == {"7f3a9c01": None}


def test_pictures_inside_listed_orders_are_cut():
    items = [prediction(id=f"job-{n}", input={"image": "x" * 5_000_000}) for n in range(4)]
    page = httpx.Response(200, json=envelope({"items": items, "total": 4}))

    async def read():
        wire = HttpClient(
            base_url=BASE, api_key=KEY, transport=httpx.MockTransport(lambda _request: page)
        )
        async with wire:
            history = History(wire, MODEL, TimeWindow(NOON, NOON + timedelta(hours=1)))
            return await history.fetch_pages(), history

    jobs, history = asyncio.run(read())
    assert max(len(job.image) for job in jobs.values()) == MAX_URL_CHARACTERS
    assert history.ids == jobs.keys()


# --- whatever comes -------------------------------------------------------------------------------


@given(status=st.integers(200, 599), body=BODIES)
def test_a_random_list_is_reports_or_a_vendor_error(status, body):
    try:
        found = client_answered(status, content=body).reports(THREE)
    except VendorError:
        return
    assert all(job_id and isinstance(report, Report) for job_id, report in found.items())


@given(status=st.integers(200, 599), body=BODIES, item=BODIES)
def test_a_random_search_is_reports_or_a_vendor_error(status, body, item):
    def handler(request):
        listed = b'{"data":{"items":[{"id":"x","status":"failed","input":{"image":"%s"}},%s]}}'
        if request.method == "POST" and status < 300:
            return httpx.Response(200, content=listed % (IMAGE.encode(), item))
        return httpx.Response(status, content=body)

    try:
        found = wavespeed(handler).find_orders([LOST])
    except VendorError:
        return
    assert found.keys() <= {"7f3a9c01"}
    json.dumps([report.vendor_status for report in found.values() if report])
