"""WaveSpeedAI's other requests: the third form, lists, the account, uploads, limits and time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from apps.footage.probing import probe
from tests.support.cases import case
from tests.support.pictures import png
from tests.support.sandbox import MODEL, QUICK, request_without_key, running

LIST = "/api/v3/predictions"


def test_the_third_form_has_motion_and_needs_no_prompt(wire, picture):
    for more in [
        {},
        {"motion": "high"},
        {"prompt": "rain", "motion": "low"},
        {"resolution": "720p"},
    ]:
        with case(more):
            told = wire.post(MODEL, json={"image": picture, **more}).json()["data"]["input"]
            assert told == {"image": picture, "resolution": "480p", "motion": "low"} | more


def test_a_clip_of_the_third_form_has_the_images_shape(shared_sandbox, picture_server, tmp_path):
    tall = picture_server.hang("tall.png", png(90, 180))
    job = shared_sandbox.ask("POST", MODEL, json={"image": tall})["data"]["id"]
    film = tmp_path / "0.mp4"
    film.write_bytes(
        request_without_key("GET", shared_sandbox.result_at_end(job)["outputs"][0]).content
    )
    clip = probe(film)
    assert (clip.width, clip.height) == (448, 880)


def test_a_webhook_with_a_clip_inside_the_answer_is_refused(wire, picture):
    body = {"image": picture, "prompt": "x", "enable_base64_output": True}
    answer = wire.post(f"{MODEL}?webhook=http://127.0.0.1:9/", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("webhook callback does not support base64 output, ")


def test_the_list_has_all_jobs_in_pages_newest_first(quick_sandbox, picture):
    jobs = [quick_sandbox.submit(picture, f"take {number}") for number in range(5)]
    done = [quick_sandbox.result_at_end(job) for job in jobs]
    with quick_sandbox.wire() as wire:
        first = wire.post(LIST, json={"page": 1, "page_size": 3}).json()
        second = wire.post(LIST, json={"page": 2, "page_size": 3}).json()["data"]
    assert (first["code"], first["data"]["page"], first["data"]["total"]) == (200, 1, 5)
    assert first["data"]["items"] + second["items"] == done[::-1]


def test_the_list_can_be_filtered(quick_sandbox, picture):
    good, bad = quick_sandbox.submit(picture), quick_sandbox.submit(picture, "nude")
    quick_sandbox.result_at_end(bad)
    moment = datetime.fromisoformat(quick_sandbox.result_at_end(good)["created_at"])
    with quick_sandbox.wire() as wire:

        def listed_ids(**wanted) -> list[str]:
            answer = wire.post(LIST, json=wanted).raise_for_status()
            return [item["id"] for item in answer.json()["data"]["items"]]

        assert listed_ids(status="failed") == [bad]
        assert listed_ids(status="completed", model="midjourney/image-to-video") == [good]
        assert listed_ids(model="another/model") == []
        assert listed_ids(created_after=(moment - timedelta(minutes=1)).isoformat()) == [bad, good]
        assert listed_ids(created_before=(moment - timedelta(minutes=1)).isoformat()) == []
        later = moment.replace(tzinfo=None) + timedelta(minutes=1)
        assert listed_ids(created_after=later.isoformat()) == []


def test_a_bad_list_request_is_refused(wire):
    cases = [
        {"page": 0},
        {"page_size": 101},
        {"page": True},
        {"page": "1"},
        {"status": "SUCCESS"},
        {"status": []},
        {"created_after": "yesterday"},
        {"created_before": 5},
        {"ids": []},
    ]
    for wanted in cases:
        with case(wanted):
            answer = wire.post(LIST, json=wanted)
            assert (answer.status_code, answer.json()["code"]) == (400, 400)


def test_deleted_jobs_lose_their_clips_but_stay_in_the_ledger(shared_sandbox, wire, picture):
    job = shared_sandbox.submit(picture)
    [output] = shared_sandbox.result_at_end(job)["outputs"]
    answer = wire.post(f"{LIST}/delete", json={"ids": [job, "none"]}).json()
    assert answer["data"] == {"deleted_count": 1}
    assert wire.get(f"{LIST}/{job}").status_code == 404
    assert request_without_key("GET", output).status_code == 404
    assert shared_sandbox.payments(job) == [("0.15", "0")]
    assert wire.post(f"{LIST}/delete", json={"ids": [job]}).json()["data"] == {"deleted_count": 0}


def test_a_deletion_without_valid_ids_is_refused(wire):
    for ids in [None, [], [5], "x", ["x"] * 101]:
        with case(ids):
            assert wire.post(f"{LIST}/delete", json={"ids": ids}).status_code == 400


def test_a_job_deleted_while_it_runs_is_stopped(tmp_path, picture):
    with running(tmp_path / "slow", QUICK, "--min-seconds=3600") as slow:
        job = slow.submit(picture)
        slow.ask("POST", f"{LIST}/delete", json={"ids": [job]})
        assert slow.truth(job)["status"] == "deleted"


def test_prices_have_both_forms(wire):
    body = {"model_id": "midjourney/image-to-video", "inputs": {"resolution": "720p"}}
    told = wire.post("/api/v3/model/price", json=body).json()["data"]
    assert told == {"price": 0.48, "discounted_price": 0.48, "discount_rate": 1, "currency": "USD"}
    older = wire.post("/api/v3/model/pricing", json=body | {"inputs": {}}).json()["data"]
    assert older == {"unit_price": 0.15, "currency": "USD"}
    for bad in (
        {},
        body | {"model_id": "x"},
        body | {"inputs": {"resolution": "4k"}},
        body | {"inputs": [1]},
    ):
        assert wire.post("/api/v3/model/price", json=bad).status_code == 400


def test_charges_and_refunds_change_the_balance(tmp_path, picture):
    with running(tmp_path / "poor", QUICK, "--balance=0.5") as poor, poor.wire() as wire:
        first = poor.submit(picture, "nude")
        poor.result_at_end(first)
        assert wire.get("/api/v3/balance").json()["data"] == {"balance": 0.5}
        poor.submit(picture, resolution="720p")
        assert wire.get("/api/v3/account/balance").json()["data"] == {
            "balance": 0.02,
            "currency": "USD",
        }
        answer = wire.post(MODEL, json={"image": picture, "prompt": "x"})
        assert (answer.status_code, "Insufficient credits" in answer.json()["message"]) == (
            402,
            True,
        )
        answer = wire.post("/mj/submit/video", json={"image": picture, "prompt": "x"})
        assert (answer.status_code, answer.json()["description"]) == (400, "quota_not_enough ")
        assert len(poor.ledger()) == 2


def test_orders_per_minute_are_limited(tmp_path, picture):
    with running(tmp_path / "bronze", QUICK, "--per-minute=2") as bronze, bronze.wire() as wire:
        now = bronze.ask("GET", "/sandbox/clock")["now"]
        bronze.ask("POST", "/sandbox/clock", json={"ahead": 60 - now % 60})
        body = {"image": picture, "prompt": "x"}
        assert [wire.post(MODEL, json=body).status_code for _ in range(3)] == [200, 200, 429]
        answer = wire.post("/mj/submit/video", json=body)
        assert (answer.status_code, answer.json()["code"]) == (429, 30)
        bronze.ask("POST", "/sandbox/clock", json={"ahead": 60})
        assert wire.post(MODEL, json=body).status_code == 200


def ticket(wire: httpx.Client, content: bytes, **changes) -> dict:
    body = {"filename": "harbour.png", "size": len(content), "content_type": "image/png", **changes}
    return wire.post("/api/v3/media/uploads", json=body).json()["data"]


def put(told: dict, content: bytes, **headers) -> int:
    upload = told["upload"]
    answer = request_without_key(
        "PUT", upload["url"], content=content, headers=upload["headers"] | headers
    )
    return answer.status_code


def test_a_picture_is_uploaded_with_a_ticket_and_used(wire, shared_sandbox):
    content = png(64, 64)
    told = ticket(wire, content)
    assert (told["type"], told["filename"], told["size"]) == ("image", "harbour.png", len(content))
    assert told["upload"]["method"] == "PUT"
    assert datetime.fromisoformat(told["upload"]["expires_at"]) > datetime.now(UTC)
    assert request_without_key("GET", told["download_url"]).status_code == 404
    assert put(told, content) == 200
    picture = request_without_key("GET", told["download_url"])
    assert (picture.content, picture.headers["content-type"]) == (content, "image/png")
    done = shared_sandbox.result_at_end(shared_sandbox.submit(told["download_url"]))
    assert done["status"] == "completed"


def test_a_ticket_is_valid_only_for_its_size_and_headers(wire):
    told = ticket(wire, b"abc")
    assert put(told, b"abcd") == 413
    assert put(told, b"ab") == 400
    assert put(told, b"abc", Authorization="Bearer x") == 403
    assert put(told, b"abc", **{"Content-Type": "text/html"}) == 403
    forged = told | {"upload": told["upload"] | {"url": told["upload"]["url"][:-1] + "!"}}
    assert put(forged, b"abc") == 403


def test_a_bad_ticket_is_refused(wire):
    cases = [
        {"filename": "../"},
        {"filename": 5},
        {"size": 0},
        {"size": 200_000_001},
        {"size": True},
        {"content_type": "x"},
    ]
    for changes in cases:
        with case(changes):
            body = {"filename": "a.png", "size": 3, **changes}
            assert wire.post("/api/v3/media/uploads", json=body).status_code == 400


def test_an_uploaded_page_is_not_served_as_html(wire):
    told = ticket(wire, b"<script>", filename="a.html", content_type="text/html")
    put(told, b"<script>")
    answer = request_without_key("GET", told["download_url"])
    assert answer.headers["content-type"] == "application/octet-stream"


def test_tickets_expire_after_an_hour_and_jobs_after_a_week(quick_sandbox, picture):
    with quick_sandbox.wire() as wire:
        job, late = quick_sandbox.submit(picture), ticket(wire, b"abc")
        [output] = quick_sandbox.result_at_end(job)["outputs"]
        early = ticket(wire, b"abc")
        assert put(early, b"abc") == 200
        assert wire.post("/sandbox/clock", json={"ahead": 3700}).json()["ahead"] == 3700
        assert put(late, b"abc") == 403
        assert wire.get(f"{LIST}/{job}").status_code == 200
        quick_sandbox.restart()
        assert wire.post("/sandbox/clock", json={"ahead": 7 * 86400}).status_code == 200
        assert wire.get(f"{LIST}/{job}").status_code == 404
        assert wire.post(LIST, json={}).json()["data"]["total"] == 0
        for address in (output, early["download_url"]):
            assert request_without_key("GET", address).status_code == 404
        assert quick_sandbox.truth(job)["status"] == "completed"
        fresh = quick_sandbox.result_at_end(quick_sandbox.submit(picture))
        assert datetime.fromisoformat(fresh["created_at"]) < datetime.now(UTC) + timedelta(
            minutes=1
        )


def test_the_clock_can_only_be_moved_forward(wire):
    for ahead in [-1, "5", None, True, 1e300]:
        with case(ahead):
            assert wire.post("/sandbox/clock", json={"ahead": ahead}).status_code == 400


def test_a_late_job_ends_at_its_time_even_after_a_kill(quick_sandbox, picture):
    job = quick_sandbox.submit(picture, f"{uuid4().hex} [fault:late]")
    quick_sandbox.restart()
    quick_sandbox.ask("POST", "/sandbox/clock", json={"ahead": 3000})
    punctual = quick_sandbox.submit(picture)
    quick_sandbox.result_at_end(punctual)
    assert quick_sandbox.result(job)["status"] == "processing"
    quick_sandbox.ask("POST", "/sandbox/clock", json={"ahead": 700})
    assert quick_sandbox.result_at_end(job)["status"] == "completed"
    truth = quick_sandbox.truth(job)
    assert truth["ended_at"] > quick_sandbox.truth(punctual)["ended_at"] > truth["created_at"]
