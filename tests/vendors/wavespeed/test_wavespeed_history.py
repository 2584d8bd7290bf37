"""Batches and searches: what the vendor's list may be believed, and what it costs to ask."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vendors.errors import Refused, TryLater, VendorError
from apps.vendors.http import HttpClient
from apps.vendors.types import JobQuery, MissingOrder, Output, Progress, Report
from apps.vendors.wavespeed import order_search
from apps.vendors.wavespeed.history import MAX_URL_CHARACTERS, MOST_ITEMS, History
from apps.vendors.wavespeed.time_windows import TimeWindow
from tests.vendors.wavespeed.stage import (
    BASE,
    BODIES,
    KEY,
    MODEL,
    Ledger,
    answering,
    failing,
    prediction,
    wavespeed,
    wrapped,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLACE = "/api/v3/predictions"
LIST = f"POST {PLACE}"
THREE = [
    JobQuery(vendor_job_id=f"job-{number}", taken_at=NOON + number * SECOND) for number in range(3)
]


def asked(
    count: int, *, start: datetime = NOON, apart: timedelta = SECOND, name: str = "job"
) -> list[JobQuery]:
    return [JobQuery(vendor_job_id=f"{name}-{n}", taken_at=start + n * apart) for n in range(count)]


@pytest.fixture
def ledger(stage):
    stage.play = Ledger()
    return stage.play


def keep_all(ledger: Ledger, wanted: list[JobQuery], **changes) -> None:
    for one in wanted:
        ledger.keep(one.vendor_job_id, one.taken_at, **changes)


# --- batches ------------------------------------------------------------------------------------------------


def test_a_hundred_jobs_cost_one_exchange(stage, ledger):
    wanted = asked(100)
    keep_all(ledger, wanted)
    found = stage.client().reports(wanted)
    assert found.keys() == {one.vendor_job_id for one in wanted}
    assert {report.progress for report in found.values()} == {Progress.RUNNING}
    assert all(report.vendor_job_id == job_id for job_id, report in found.items())
    assert stage.paths() == [LIST]


def test_the_question_names_model_page_and_both_ends_of_a_wide_window(stage, ledger):
    stage.client().reports(asked(2, apart=timedelta(minutes=1)))
    assert stage.heard[0].json == {
        "model": MODEL,
        "page": 1,
        "page_size": 100,
        "created_after": "2026-11-21T11:57:00Z",
        "created_before": "2026-11-21T12:04:00Z",
    }


def test_a_finished_job_in_the_list_is_told_like_one_asked_about_alone(stage, ledger):
    wanted = asked(2)
    clips = {
        "status": "completed",
        "outputs": ["https://a.test/0.mp4"],
        "has_nsfw_contents": [True],
    }
    keep_all(ledger, wanted, **clips, input={"image": "https://a.test/in.png"})
    found = stage.client().reports(wanted)
    assert found["job-0"].outputs == (Output(url="https://a.test/0.mp4", nsfw=True),)
    assert found["job-0"].image_url == "https://a.test/in.png"
    assert found["job-0"] == stage.client().report("job-0")


def test_a_clock_that_is_minutes_off_hides_nothing(stage, ledger):
    wanted = asked(2)
    for one, off in zip(wanted, (-2, 2), strict=True):
        ledger.keep(one.vendor_job_id, one.taken_at + timedelta(minutes=off))
    assert stage.client().reports(wanted).keys() == {"job-0", "job-1"}


def test_what_the_list_says_beyond_the_question_is_told_too(stage, ledger):
    keep_all(ledger, asked(3))
    assert "job-2" in stage.client().reports(asked(2))


def test_jobs_that_are_far_apart_do_not_list_the_days_between(stage, ledger):
    early, late = asked(2, name="early"), asked(2, start=NOON + timedelta(days=3), name="late")
    keep_all(ledger, early + late)
    assert stage.client().reports([*late, *early]).keys() == {
        "early-0",
        "early-1",
        "late-0",
        "late-1",
    }
    spans = [
        datetime.fromisoformat(heard.json["created_before"])
        - datetime.fromisoformat(heard.json["created_after"])
        for heard in stage.heard
    ]
    assert len(spans) == 2
    assert max(spans) < timedelta(minutes=10)


@pytest.mark.parametrize("wanted", [[], asked(1), asked(5, apart=timedelta(hours=1)), asked(1) * 3])
def test_jobs_that_stand_alone_are_left_to_be_asked_about_alone(stage, ledger, wanted):
    keep_all(ledger, wanted)
    assert stage.client().reports(wanted) == {}
    assert stage.paths() == []


def test_pages_are_turned_until_every_job_is_seen(stage, ledger):
    wanted = asked(3)  # the oldest, so on the last page
    keep_all(ledger, wanted)
    keep_all(ledger, asked(150, start=NOON + 10 * SECOND, apart=timedelta(), name="other"))
    assert stage.client().reports(wanted).keys() >= {"job-0", "job-1", "job-2"}
    assert [heard.json["page"] for heard in stage.heard] == [1, 2]


def test_pages_are_turned_no_further_than_to_the_last_job(stage, ledger):
    keep_all(ledger, asked(150, start=NOON - 60 * SECOND, apart=timedelta(), name="other"))
    wanted = asked(3)
    keep_all(ledger, wanted)
    assert stage.client().reports(wanted).keys() >= {"job-0", "job-1", "job-2"}
    assert stage.paths() == [LIST]


def test_a_list_with_more_pages_than_jobs_is_given_up_after_the_first(stage, ledger):
    wanted = asked(3)
    keep_all(ledger, wanted)
    keep_all(ledger, asked(400, start=NOON + 10 * SECOND, apart=timedelta(), name="other"))
    assert not stage.client().reports(wanted).keys() & {"job-0", "job-1", "job-2"}
    assert stage.paths() == [LIST]


def test_a_list_longer_than_any_page_is_read_to_a_point(stage):
    wanted = [replace(one, is_vendor_clock=True) for one in asked(2)]
    items = [prediction(id=f"job-{number}") for number in range(5000)]
    stage.routes(predictions=(200, wrapped({"items": items, "total": 5000})))
    found = stage.client().reports(wanted)
    assert 2 <= len(found) <= MOST_ITEMS


def test_a_crowd_is_listed_as_long_as_that_costs_less_than_asking_for_each(stage, ledger):
    wanted = asked(50)
    keep_all(ledger, wanted)
    keep_all(ledger, asked(2000, start=NOON + 60 * SECOND, apart=timedelta(), name="other"))
    assert stage.client().reports(wanted).keys() >= {one.vendor_job_id for one in wanted}
    assert len(stage.heard) == 21


def test_what_the_vendors_own_clock_says_needs_no_leeway(stage, ledger):
    wanted = [replace(one, is_vendor_clock=True) for one in asked(50)]
    keep_all(ledger, wanted)
    keep_all(ledger, asked(2000, start=NOON + 60 * SECOND, apart=timedelta(), name="other"))
    assert stage.client().reports(wanted).keys() == {one.vendor_job_id for one in wanted}
    assert len(stage.heard) == 1


@pytest.mark.parametrize("says_total", [True, False])
def test_a_list_need_not_say_how_long_it_is(stage, ledger, says_total):
    ledger.says_total = says_total
    wanted = asked(90, apart=timedelta())
    keep_all(ledger, wanted)
    keep_all(ledger, asked(100, start=NOON + SECOND, apart=timedelta(), name="other"))
    assert stage.client().reports(wanted).keys() >= {one.vendor_job_id for one in wanted}
    assert len(stage.heard) == 2


def test_a_list_that_always_shows_the_same_page_is_not_asked_for_ever(stage):
    items = [prediction(id=f"other-{number}", status="processing") for number in range(100)]
    stage.play = lambda heard: (200, wrapped({"items": items}))
    stage.client().reports(asked(50))
    assert len(stage.heard) == 2


@pytest.mark.parametrize(
    "thin",
    [
        {"status": "completed", "outputs": []},
        {"status": "completed", "outputs": None},
        {"status": "completed", "outputs": ["https://a.test/0.mp4"]},
        {"status": "failed"},
        {"status": "timeout", "error": "x"},
    ],
)
def test_a_job_of_which_the_list_says_too_little_is_left_to_be_asked_about_alone(thin):
    items = [{"id": "job-0", **thin}, {"id": "job-1", "status": "processing"}]
    found = answering(json=wrapped({"page": 1, "items": items})).reports(THREE)
    assert found.keys() == {"job-1"}


@pytest.mark.parametrize(
    "body",
    [
        wrapped({"page": 1}),
        wrapped({"page": 1, "items": None}),
        wrapped({"page": 1, "items": {}}),
        wrapped(None),
        {"page": 1, "items": []},
        [],
        wrapped({"items": [None, 7, "x", [], {}, {"id": "job-0"}, {"id": 5, "status": "created"}]}),
        wrapped(
            {
                "items": [{"id": "", "status": "created"}, {"id": "a\nb", "status": "created"}],
                "total": 9,
            }
        ),
    ],
)
def test_a_list_without_jobs_that_can_be_read_is_an_empty_one(body):
    assert answering(json=body).reports(THREE) == {}


@pytest.mark.parametrize("total", ["9", None, -1, 0, True, 10**400, {}])
def test_a_length_that_is_none_hides_no_job(total):
    items = [{"id": "job-0", "status": "created"}]
    assert answering(json=wrapped({"items": items, "total": total})).reports(THREE).keys() == {
        "job-0"
    }


@pytest.mark.parametrize("wrap", [wrapped, lambda data: data, lambda data: data["items"]])
def test_a_list_may_come_with_or_without_its_envelope(wrap):
    items = [{"id": "job-0", "status": "pending"}, "nonsense"]
    [report] = answering(json=wrap({"page": 1, "items": items})).reports(THREE).values()
    assert report == Report(progress=Progress.WAITING, vendor_word="pending", vendor_job_id="job-0")


@pytest.mark.parametrize("status", [400, 403, 404, 405, 422])
def test_a_vendor_that_does_not_list_says_nothing_so_that_each_job_is_asked_about(status):
    assert answering(status, json={"message": "no"}).reports(THREE) == {}


def test_a_key_that_is_no_key_is_refused_in_a_batch_too():
    with pytest.raises(Refused, match="API key"):
        answering(401).reports(THREE)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_batch_is_asked_for_later_where_the_vendor_is_in_trouble(status):
    with pytest.raises(TryLater) as caught:
        answering(status, headers={"Retry-After": "9"}).reports(THREE)
    assert caught.value.retry_after == 9


@pytest.mark.parametrize("vendor", [failing(httpx.ConnectError), answering(content=b"<html>")])
def test_a_batch_without_an_answer_is_asked_for_later(vendor):
    with pytest.raises(TryLater):
        vendor.reports(THREE)


# --- searches -----------------------------------------------------------------------------------------------

IMAGE = "https://assets.example.test/in/harbour-7f3a9c01.png"
LOST = MissingOrder(reference="7f3a9c01", image_url=IMAGE, sent_at=NOON)


def test_an_order_whose_answer_was_lost_is_found_by_its_image(stage, ledger):
    ledger.keep("other", NOON, input={"image": "https://assets.example.test/in/harbour.png"})
    ledger.keep("mine", NOON + SECOND, input={"image": IMAGE, "prompt": "x"})
    [(reference, report)] = stage.client().find_orders([LOST]).items()
    assert (reference, report.vendor_job_id, report.progress) == (
        "7f3a9c01",
        "mine",
        Progress.RUNNING,
    )
    assert stage.paths() == [LIST]


@pytest.mark.parametrize("name", ["input", "inputs"])
def test_the_inputs_are_found_under_either_name(stage, ledger, name):
    ledger.keep("mine", NOON, **{name: {"image": IMAGE}})
    assert stage.client().find_orders([LOST])["7f3a9c01"].image_url == IMAGE


def test_an_order_that_never_arrived_is_missing(stage, ledger):
    ledger.keep("other", NOON, input={"image": "https://assets.example.test/else.png"})
    assert stage.client().find_orders([LOST]) == {"7f3a9c01": None}


@pytest.mark.parametrize("off", [-14, -3, 3, 29])
def test_a_clock_that_is_off_hides_no_order(stage, ledger, off):
    ledger.keep("mine", NOON + timedelta(minutes=off), input={"image": IMAGE})
    assert stage.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "mine"


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("https://media.example.test/u/7f3a9c01/in.png", True),
        ("https://media.example.test/u/in_7f3a9c01.png", True),
        ("https://media.example.test/u/7f3a9c017/in.png", False),
        ("https://media.example.test/u/07f3a9c01.png", False),
        ("https://media.example.test/u/7f3a9c01-2.png", False),
        ("", False),
    ],
)
def test_a_mark_counts_as_a_whole_word_only(stage, ledger, image, found):
    ledger.keep("mine", NOON, input={"image": image})
    assert bool(stage.client().find_orders([LOST])["7f3a9c01"]) is found


def test_a_short_mark_is_no_proof(stage, ledger):
    ledger.keep("other", NOON, input={"image": "https://elsewhere.example.test/7/in.png"})
    assert stage.client().find_orders(
        [MissingOrder(reference="7", image_url=IMAGE, sent_at=NOON)]
    ) == {"7": None}


@pytest.mark.parametrize("image", ["", "https://assets.example.test/a.png"])
def test_an_order_without_mark_and_image_is_found_nowhere(stage, ledger, image):
    ledger.keep("mine", NOON, input={"image": image})
    assert stage.client().find_orders([MissingOrder(reference="", image_url="", sent_at=NOON)]) == {
        "": None
    }


def test_of_two_jobs_with_the_orders_image_the_earliest_is_told(stage, ledger):
    ledger.keep("second", NOON + 2 * SECOND, input={"image": IMAGE})
    ledger.keep("first", NOON + SECOND, input={"image": IMAGE})
    assert stage.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "first"


def test_a_job_that_may_be_either_of_two_orders_is_told_to_none_and_none_is_called_missing(
    stage, ledger
):
    ledger.keep("whose", NOON, input={"image": "https://assets.example.test/same.png"})
    twins = [
        MissingOrder(
            reference=reference, image_url="https://assets.example.test/same.png", sent_at=NOON
        )
        for reference in ("a1", "b2")
    ]
    assert stage.client().find_orders(twins) == {}


def test_several_orders_are_found_in_one_list(stage, ledger):
    lost = [
        MissingOrder(
            reference=f"m{n}",
            image_url=f"https://assets.example.test/{n}.png",
            sent_at=NOON + n * SECOND,
        )
        for n in range(5)
    ]
    for number in range(5):
        ledger.keep(
            f"job-{number}", NOON, input={"image": f"https://assets.example.test/{number}.png"}
        )
    found = stage.client().find_orders(lost)
    assert {reference: report.vendor_job_id for reference, report in found.items()} == {
        f"m{number}": f"job-{number}" for number in range(5)
    }
    assert stage.paths() == [LIST]


def test_a_search_turns_every_page(stage, ledger):
    ledger.keep("mine", NOON, input={"image": IMAGE})
    keep_all(ledger, asked(350, start=NOON + SECOND, apart=timedelta(), name="other"))
    assert stage.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "mine"
    assert len(stage.heard) == 4


def test_a_search_goes_on_after_a_page_that_is_short_where_no_total_is_told(stage, ledger):
    ledger.says_total, ledger.hidden = False, {"other-7"}
    ledger.keep("mine", NOON, input={"image": IMAGE})
    keep_all(ledger, asked(150, start=NOON + SECOND, apart=timedelta(), name="other"))
    assert stage.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "mine"


@pytest.mark.parametrize("status", [404, 500])
def test_an_order_is_found_by_the_list_alone_however_its_own_address_answers(stage, status):
    thin = {"id": "mine", "status": "completed", "input": {"image": IMAGE}}
    stage.play = lambda heard: (200, {"items": [thin]}) if heard.method == "POST" else (status, {})
    assert stage.client().find_orders([LOST])["7f3a9c01"].vendor_job_id == "mine"
    assert set(stage.paths()) == {LIST}


def test_nothing_sought_asks_nothing(stage):
    assert stage.client().find_orders([]) == {}
    assert stage.heard == []


@pytest.mark.parametrize(
    ("status", "error"), [(401, Refused), (403, Refused), (404, Refused), (503, TryLater)]
)
def test_a_search_that_could_not_look_does_not_say_that_nothing_is_there(status, error):
    with pytest.raises(error):
        answering(status, json={"message": "no"}).find_orders([LOST])


def test_an_address_longer_than_our_rows_is_compared_in_full(stage, ledger):
    long = "https://assets.example.test/in.png?sig=" + "a" * 3000
    ledger.keep("other", NOON, input={"image": long + "b"})
    ledger.keep("mine", NOON + SECOND, input={"image": long})
    found = stage.client().find_orders([MissingOrder(reference="zz", image_url=long, sent_at=NOON)])
    assert found["zz"].vendor_job_id == "mine"


# --- searches in a crowd ------------------------------------------------------------------------------------


def crowd(*, jobs: int, apart: float) -> Ledger:
    """A vendor with so many jobs from noon on, so many seconds apart, each with an image of its own."""
    ledger = Ledger()
    for number in range(jobs):
        image = {"image": f"https://h.test/{number}.jpg"}
        ledger.keep(f"job-{number}", NOON + timedelta(seconds=number * apart), input=image)
    return ledger


def lost_order(number: int, *, apart: float) -> MissingOrder:
    sent_at = NOON + timedelta(seconds=number * apart)
    return MissingOrder(
        reference=f"{number:032}", image_url=f"https://h.test/{number}.jpg", sent_at=sent_at
    )


def test_an_order_in_a_crowded_hour_is_found_and_not_every_page_is_read(monkeypatch):
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_SEARCH", 50)
    wanted = lost_order(10, apart=0.25)
    [report] = wavespeed(crowd(jobs=6000, apart=0.25).hears).find_orders([wanted]).values()
    assert report.vendor_job_id == "job-10"


def test_orders_lost_over_two_hours_are_all_found_at_forty_jobs_a_minute():
    wanted = [lost_order(360 * number, apart=1.5) for number in range(12)]
    found = wavespeed(crowd(jobs=6000, apart=1.5).hears).find_orders(wanted)
    assert {report.vendor_job_id for report in found.values()} == {
        f"job-{360 * n}" for n in range(12)
    }


def test_an_order_that_is_not_in_a_crowd_is_missing_once_every_page_was_read():
    ledger = crowd(jobs=6000, apart=0.25)
    assert wavespeed(ledger.hears).find_orders([LOST]) == {"7f3a9c01": None}


def test_a_search_that_ends_before_all_is_read_calls_nothing_missing(monkeypatch):
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_SEARCH", 20)
    assert wavespeed(crowd(jobs=6000, apart=0.25).hears).find_orders([LOST]) == {}


def test_where_time_is_short_the_first_orders_are_read_to_the_end_first(monkeypatch):
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_SEARCH", 200)
    ledger = crowd(jobs=12_000, apart=0.5)
    hours = [
        replace(LOST, reference=reference, sent_at=NOON + timedelta(hours=1) * n)
        for n, reference in enumerate("ab")
    ]
    assert wavespeed(ledger.hears).find_orders(hours) == {"a": None, "b": None}
    monkeypatch.setattr(order_search, "MAX_PAGES_PER_SEARCH", 80)
    assert wavespeed(ledger.hears).find_orders(hours) == {"a": None}
    assert wavespeed(ledger.hears).find_orders(hours[::-1]) == {"b": None}


def test_a_job_at_the_edge_of_two_stretches_is_in_one_of_them(monkeypatch):
    monkeypatch.setattr(order_search, "CROWDED", 1)
    ledger = crowd(jobs=3000, apart=0.25)
    wanted = [
        replace(lost_order(number, apart=0.25), sent_at=NOON) for number in range(0, 3000, 75)
    ]
    assert all(wavespeed(ledger.hears).find_orders(wanted).values())


def test_a_crowd_in_one_second_is_read_without_an_end_to_its_parting(stage, ledger):
    keep_all(ledger, asked(3000, apart=timedelta(), name="other"))
    assert stage.client().find_orders([LOST]) == {"7f3a9c01": None}
    assert len(stage.heard) < 100


def test_a_list_that_does_not_mind_the_window_is_read_all_the_same():
    ledger = crowd(jobs=6000, apart=0.25)
    every = {"created_after": "2026-11-01T00:00:00Z", "created_before": "2026-12-01T00:00:00Z"}

    def handler(request):
        question = json.loads(request.content) | every
        return httpx.Response(
            200, json=ledger(SimpleNamespace(method="POST", path=PLACE, json=question))[1]
        )

    [report] = wavespeed(handler).find_orders([lost_order(10, apart=0.25)]).values()
    assert report.vendor_job_id == "job-10"


def test_a_crowded_list_that_does_not_say_how_long_it_is_is_read_too():
    ledger = crowd(jobs=6000, apart=0.25)
    ledger.says_total = False
    there = lost_order(10, apart=0.25)
    found = wavespeed(ledger.hears).find_orders([there, LOST])
    assert (found[there.reference].vendor_job_id, found[LOST.reference]) == ("job-10", None)


@pytest.mark.parametrize(
    "page",
    [
        {"items": [prediction(id=f"other-{number}") for number in range(100)]},
        {"items": [prediction(id="other")], "total": 150},
        {"items": None, "total": 5},
        {"items": [{"id": "whose", "input": {"image": IMAGE}}], "total": 1},
        {"items": [prediction(id=f"other-{number}") for number in range(MOST_ITEMS + 1)]},
    ],
    ids=[
        "the same page for ever",
        "a page for two",
        "nothing of what is told",
        "unreadable",
        "cut",
    ],
)
def test_where_a_list_keeps_something_from_us_nothing_is_called_missing(page):
    assert answering(json=wrapped(page)).find_orders([LOST]) == {}


def test_a_list_may_count_a_job_that_it_leaves_out(stage, ledger):
    ledger.hidden = {"other-7"}
    keep_all(ledger, asked(150, apart=timedelta(), name="other"))
    assert stage.client().find_orders([LOST]) == {"7f3a9c01": None}


def test_of_pictures_inside_orders_only_as_much_is_kept_as_an_address_has():
    items = [prediction(id=f"job-{n}", input={"image": "x" * 5_000_000}) for n in range(4)]
    page = httpx.Response(200, json=wrapped({"items": items, "total": 4}))

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


# --- whatever comes -----------------------------------------------------------------------------------------


@given(status=st.integers(200, 599), body=BODIES)
def test_any_list_is_reports_or_an_error_of_ours(status, body):
    try:
        found = answering(status, content=body).reports(THREE)
    except VendorError:
        return
    assert all(job_id and isinstance(report, Report) for job_id, report in found.items())


@given(status=st.integers(200, 599), body=BODIES, item=BODIES)
def test_any_search_is_reports_or_an_error_of_ours(status, body, item):
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
    json.dumps([report.vendor_word for report in found.values() if report])
