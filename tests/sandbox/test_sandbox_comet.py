"""CometAPI's requests, checked byte for byte without our own client."""

import base64
import re

import httpx
import pytest

from apps.footage.probing import probe
from apps.footage.rgb import upright
from apps.footage.video_reader import open_video
from apps.sandbox.comet.orders import parse_order
from apps.sandbox.fault_injection import without_fault_words
from tests.support.cases import case
from tests.support.pictures import png
from tests.support.sandbox import QUICK, request_without_key, running, until

PLACE = "/mj/submit/video"
DATA = "data:image/png;base64," + base64.b64encode(png(120, 60)).decode()


@pytest.fixture
def good(picture):
    """The body that satisfies every layer (docs/vendor-contracts.md, section 3.2)."""
    return {
        "prompt": "the dog lifts its head and the camera pushes in",
        "image": picture,
        "motion": "low",
        "videoType": "vid_1.1_i2v_480",
        "mode": "fast",
        "animateMode": "manual",
        "state": "job-7c1e",
    }


def submit_order(wire: httpx.Client, body: dict, place: str = PLACE) -> str:
    answer = wire.post(place, json=body)
    assert (answer.status_code, answer.json()["code"]) == (200, 1), answer.text
    return answer.json()["result"]


def wait_for_end(wire: httpx.Client, job: str) -> dict:
    return until(
        lambda: wire.get(f"/mj/task/{job}/fetch").json(),
        lambda told: told["status"] in {"SUCCESS", "FAILURE"},
    )


def test_the_documented_order_becomes_four_clips_for_one_charge(wire, good, shared_sandbox):
    for speed in ["", "/mj-fast", "/mj-relax", "/mj-turbo"]:
        with case(speed):
            answer = wire.post(f"{speed}{PLACE}", json=good).json()
            assert (answer["code"], answer["description"]) == (1, "Submit Success")
            assert answer["properties"] == {"prompt": good["prompt"]}
            job = answer["result"]
            assert re.fullmatch(r"\d{16}", job)
            told = wait_for_end(wire, job)
            assert (told["id"], told["status"], told["progress"], told["action"]) == (
                job,
                "SUCCESS",
                "100%",
                "VIDEO",
            )
            assert (told["state"], told["failReason"], told["botType"]) == (
                "job-7c1e",
                "",
                "MID_JOURNEY",
            )
            assert told["submitTime"] <= told["startTime"] <= told["finishTime"]
            addresses = [one["url"] for one in told["videoUrls"]]
            assert told["videoUrl"] == addresses[0]
            clips = [request_without_key("GET", address).content for address in addresses]
            assert (len(clips), len(set(clips))) == (4, 4)
            assert [button["label"] for button in told["buttons"]] == ["U1", "U2", "U3", "U4"]
            assert not any("nsfw" in name.lower() for name in told)
            assert shared_sandbox.payments(job) == [("0.6", "0")]
            assert (
                request_without_key("GET", told["imageUrl"], follow_redirects=True).content
                == clips[0]
            )


def test_the_oldest_form_has_its_image_inside_the_prompt(wire, picture):
    body = {
        "prompt": f"{picture} a dog",
        "videoType": "vid_1.1_i2v_480",
        "mode": "fast",
        "animateMode": "manual",
    }
    assert wait_for_end(wire, submit_order(wire, body))["status"] == "SUCCESS"


def test_fewer_clips_can_be_ordered(wire, good):
    for changes, clips in [
        ({"batchSize": 1}, 1),
        ({"batchSize": 2}, 2),
        ({"batchSize": 4, "prompt": "a dog --bs 1"}, 1),
    ]:
        with case((changes, clips)):
            assert len(wait_for_end(wire, submit_order(wire, good | changes))["videoUrls"]) == clips


def test_a_picture_may_be_inside_the_order(wire, good, tmp_path):
    job = submit_order(wire, good | {"image": DATA, "videoType": "vid_1.1_i2v_720"})
    film = tmp_path / "0.mp4"
    film.write_bytes(request_without_key("GET", wait_for_end(wire, job)["videoUrl"]).content)
    clip = probe(film)
    assert (clip.width, clip.height) == (1280, 720)  # the shape nearest to the picture's


def test_uploaded_pictures_can_be_fetched_and_used(wire, good):
    answer = wire.post(
        "/mj/submit/upload-discord-images", json={"base64Array": [DATA, DATA]}
    ).json()
    assert (answer["code"], len(answer["result"])) == (1, 2)
    [first, _] = answer["result"]
    picture = request_without_key("GET", first)
    assert (picture.headers["content-type"], picture.content) == ("image/png", png(120, 60))
    assert wait_for_end(wire, submit_order(wire, good | {"image": first}))["status"] == "SUCCESS"


def test_an_invalid_picture_is_not_uploaded(wire):
    for given in [None, [], ["data:image/png;base64,!!"], ["x"], [5], "x", [DATA] * 5]:
        with case(given):
            assert (
                wire.post("/mj/submit/upload-discord-images", json={"base64Array": given}).json()[
                    "code"
                ]
                == 4
            )


@pytest.mark.proof
def test_an_extension_goes_on_for_four_seconds_from_the_last_frame_of_its_parent(
    sandbox, picture_server, tmp_path
):
    with sandbox.wire() as wire:
        body = {
            "image": picture_server.hang("in.png", png(640, 640)),
            "prompt": "rain",
            "batchSize": 1,
        }
        parent = until_done(wire, submit_order(wire, body))
        more = {
            "prompt": "wind",
            "action": "extend",
            "index": 0,
            "taskId": parent["id"],
            "batchSize": 1,
        }
        child = until_done(wire, submit_order(wire, more | {"image": body["image"]}))
    films = []
    for told in (parent, child):
        films.append(tmp_path / f"{told['id']}.mp4")
        films[-1].write_bytes(request_without_key("GET", told["videoUrl"]).content)
    assert child["parentId"] == parent["id"]
    assert probe(films[1]).frames == 96
    assert probe(films[1]).duration == pytest.approx(4.0)
    with open_video(films[0]) as first, open_video(films[1]) as second:
        *_, last = first.frames()
        start = next(iter(second.frames()))
        assert abs(upright(last).astype(int) - upright(start)).mean() < 12


def until_done(wire: httpx.Client, job: str) -> dict:
    return until(
        lambda: wire.get(f"/mj/task/{job}/fetch").json(),
        lambda told: told["status"] in {"SUCCESS", "FAILURE"},
        seconds=120,
    )


def test_a_bad_order_is_answered_with_a_code_and_not_charged(wire, good, shared_sandbox):
    cases = [
        ({"prompt": " "}, (200, 4)),
        ({"prompt": 5}, (200, 4)),
        ({"image": "data:image/png;base64,%%"}, (200, 4)),
        ({"image": "harbour.png"}, (200, 4)),
        ({"image": None}, (200, 4)),
        ({"motion": "fast"}, (200, 4)),
        ({"videoType": "vid_2"}, (200, 4)),
        ({"videoType": ["vid"]}, (200, 4)),
        ({"batchSize": 3}, (200, 4)),
        ({"taskId": "1"}, (200, 4)),
        ({"action": "upscale"}, (200, 4)),
        ({"action": "extend"}, (200, 4)),
        ({"action": "extend", "taskId": "1", "index": 4}, (200, 4)),
        ({"action": "extend", "taskId": "1", "index": 0}, (404, 3)),
        ({"state": "x" * 256}, (200, 4)),
    ]
    for changes, answered in cases:
        with case((changes, answered)):
            charged = len(shared_sandbox.ledger())
            answer = wire.post(PLACE, json=good | changes)
            assert (answer.status_code, answer.json()["code"]) == answered
            assert answer.json()["result"] is None
            assert len(shared_sandbox.ledger()) == charged


def test_only_a_finished_clip_can_be_extended(wire, good):
    parent = submit_order(wire, good | {"prompt": "a nude figure"})
    assert wait_for_end(wire, parent)["failReason"] == "Banned prompt detected"
    more = good | {"action": "extend", "taskId": parent, "index": 0}
    assert wire.post(PLACE, json=more).json()["code"] == 4
    good_parent = submit_order(wire, good | {"batchSize": 1})
    wait_for_end(wire, good_parent)
    beyond = good | {"action": "extend", "taskId": good_parent, "index": 1}
    assert wire.post(PLACE, json=beyond).json()["code"] == 4


def test_a_failed_task_is_refunded_and_says_why(wire, good, shared_sandbox):
    job = submit_order(wire, good | {"image": "http://127.0.0.1:9/none.png"})
    told = wait_for_end(wire, job)
    assert (told["status"], told["progress"], told["videoUrls"], told["imageUrl"]) == (
        "FAILURE",
        "",
        [],
        "",
    )
    assert told["failReason"].startswith("Failed to fetch the image")
    assert shared_sandbox.payments(job) == [("0.6", "0.6")]


def test_a_running_task_has_a_percentage(tmp_path, good):
    with running(tmp_path / "slow", QUICK, "--min-seconds=3600") as slow, slow.wire() as wire:
        first, second = submit_order(wire, good), submit_order(wire, good)
        told = until(
            lambda: wire.get(f"/mj/task/{first}/fetch").json(),
            lambda told: told["status"] == "IN_PROGRESS",
        )
        assert re.fullmatch(r"\d{1,2}%", told["progress"])
        assert told["finishTime"] == 0
        waiting = wire.get(f"/mj/task/{second}/fetch").json()
        assert (waiting["status"], waiting["progress"], waiting["startTime"]) == (
            "SUBMITTED",
            "0%",
            0,
        )


def test_many_tasks_are_listed_without_unknown_ones(wire, good):
    jobs = {submit_order(wire, good | {"batchSize": 1}) for _ in range(3)}
    told = wire.post("/mj/task/list-by-condition", json={"ids": [*jobs, "0", "x"]}).json()
    assert {task["id"] for task in told} == jobs
    assert wire.post("/mj/task/list-by-condition", json={"ids": None}).json() == []


def test_an_unknown_task_is_an_error_of_the_relay(wire, shared_sandbox, picture):
    other = shared_sandbox.submit(picture)
    for job in ("1795219200123456", other):
        answer = wire.get(f"/mj/task/{job}/fetch")
        assert answer.status_code == 400
        assert answer.json() == {
            "description": "task_no_found ",
            "type": "upstream_error",
            "code": 4,
        }


def test_a_request_without_the_key_is_an_error_of_the_gateway(shared_sandbox):
    for method, place in [("POST", PLACE), ("GET", "/mj/task/1/fetch")]:
        with case((method, place)):
            answer = request_without_key(method, shared_sandbox.base_url + place)
            assert (answer.status_code, answer.json()["error"]["type"]) == (401, "comet_api_error")


def test_a_cancel_works_only_where_it_was_allowed(wire, good, tmp_path):
    job = submit_order(wire, good)
    assert wire.post(f"/mj/task/{job}/cancel").status_code == 404
    with (
        running(tmp_path / "slow", QUICK, "--allow-cancel", "--min-seconds=3600") as slow,
        slow.wire() as able,
    ):
        job = submit_order(able, good)
        answer = able.post(f"/mj/task/{job}/cancel")
        assert (answer.status_code, answer.content) == (200, b"")
        told = able.get(f"/mj/task/{job}/fetch").json()
        assert (told["status"], told["failReason"]) == ("FAILURE", "取消任务")
        assert slow.payments(job) == [("0.6", "0.6")]
        assert able.post("/mj/task/1/cancel").status_code == 400


def test_the_drawing_has_no_addresses_flags_and_faults():
    prompt = "http://x/y.png a dog --raw runs --bs 1 --motion high [fault:late] home"
    read = parse_order({"prompt": prompt})
    assert (read.picture, read.clips, read.drawing["motion"]) == ("http://x/y.png", 1, "high")
    assert without_fault_words(str(read.drawing["words"])).split() == ["a", "dog", "runs", "home"]


def test_orders_without_a_state_do_not_share_their_faults(quick_sandbox, good):
    quick_sandbox.ask("POST", "/sandbox/faults", json={"rates": {"unauthorised": 0.5}})
    body = good | {"state": "", "batchSize": 1}
    with quick_sandbox.wire() as wire:
        answers = {wire.post(PLACE, json=body).status_code for _ in range(24)}
    assert answers == {200, 401}
