"""WaveSpeedAI's orders and polls, checked byte for byte without our own client."""

import json
import re

from tests.support.cases import case
from tests.support.sandbox import KEY, request_without_key, until

PLACE = "/api/v3/midjourney/image-to-video"
GOOD = {"image": "http://127.0.0.1:9/none.png", "prompt": "slow dolly in"}
# The model page's sample, made valid: it leaves out the two required fields
# (docs/vendor-contracts.md, section 7).
SAMPLE = GOOD | {
    "resolution": "480p",
    "aspect_ratio": "1:1",
    "quality": 1,
    "stylize": 0,
    "chaos": 0,
    "weird": 0,
    "version": "7",
    "niji": "close",
    "seed": -1,
    "enable_base64_output": False,
}


def test_the_model_pages_sample_is_accepted(wire):
    answer = wire.post(PLACE, json=SAMPLE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    body = answer.json()
    assert (body["code"], body["message"]) == (200, "success")
    job = body["data"]
    assert re.fullmatch(r"[0-9a-f]{32}", job["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", job["created_at"])
    assert job["urls"] == {
        "get": f"{wire.base_url}/api/v3/predictions/{job['id']}/result".replace("//api", "/api")
    }
    assert (job["model"], job["status"], job["error"]) == (
        "midjourney/image-to-video",
        "created",
        "",
    )
    assert (job["outputs"], job["has_nsfw_contents"], job["timings"]) == ([], [], {"inference": 0})


def test_a_lone_surrogate_as_a_parameters_name_is_refused(wire):
    for value in ["1", "null"]:
        with case(value):
            answer = wire.post(PLACE, content=json.dumps(GOOD)[:-1] + f', "\\ud800": {value}}}')
            assert answer.status_code == 400
            assert answer.json()["message"].startswith("? ")


def test_both_addresses_of_a_job_have_the_same_answer(wire):
    job = wire.post(PLACE, json=GOOD).json()["data"]["id"]
    place = f"/api/v3/predictions/{job}"
    end = until(lambda: wire.get(place).json(), lambda body: body["data"]["status"] == "failed")
    assert wire.get(f"{place}/result").json() == end
    assert end["code"] == 200
    assert end["data"]["code"] == 1402


def test_missing_parameters_are_shown_with_defaults_and_a_random_seed(wire):
    shown = wire.post(PLACE, json=GOOD).json()["data"]["input"]
    assert shown.keys() == SAMPLE.keys()
    assert 0 <= shown["seed"] <= 2147483647
    assert shown | {"seed": -1} == SAMPLE


def test_a_chosen_seed_is_kept(wire):
    assert wire.post(PLACE, json=GOOD | {"seed": 0}).json()["data"]["input"]["seed"] == 0


def test_a_bad_order_gets_a_message_about_the_parameter(wire):
    cases = [
        ({"image": None}, "image is required and must be a text."),
        ({"image": 5}, "image is required and must be a text."),
        (
            {"image": "harbour.png"},
            "image must be an address that starts with http:// or https://.",
        ),
        ({"image": "http://[x"}, "image must be an address that starts with http:// or https://."),
        ({"prompt": " "}, "prompt is required and must be a text."),
        ({"prompt": "x" * 8001}, "prompt must be no longer than 8000 characters."),
        ({"resolution": "1080p"}, "Resolution (resolution) must be one of 480p, 720p."),
        (
            {"aspect_ratio": "9:16"},
            "Aspect ratio (aspect_ratio) must be one of 1:1, 4:3, 3:4, 2:3, 16:9, 1:2.",
        ),
        ({"quality": 3}, "Quality (quality) must be one of 0.25, 0.5, 1, 2."),
        ({"stylize": 1001}, "Stylize (stylize) must be a whole number from 0 to 1000."),
        ({"chaos": "5"}, "Chaos (chaos) must be a whole number."),
        ({"weird": True}, "Weird (weird) must be a whole number."),
        ({"version": 7}, "Model version (version) must be a text."),
        ({"niji": "4"}, "Niji (niji) must be one of close, 5, 6."),
        ({"seed": -2}, "Seed (seed) must be a whole number from -1 to 2147483647."),
        (
            {"enable_base64_output": 0},
            "Clip inside the answer (enable_base64_output) must be true or false.",
        ),
        ({"resolution": None}, "resolution must not be null; leave it out instead."),
        ({"motion": "low", "chaos": 0}, "motion is not a parameter of midjourney/image-to-video."),
    ]
    for changes, message in cases:
        with case((changes, message)):
            charged = len(wire.get("/sandbox/ledger").json())
            answer = wire.post(PLACE, json=GOOD | changes)
            assert answer.status_code == 400
            assert answer.json() == {"code": 400, "message": message}
            assert len(wire.get("/sandbox/ledger").json()) == charged


def test_a_body_that_is_no_object_is_a_bad_order(wire):
    for raw in [b"", b"no json", b"[]", b"null", b"\xff", b"[" * 50_000]:
        with case(raw):
            answer = wire.post(PLACE, content=raw)
            assert (answer.status_code, answer.json()["message"]) == (
                400,
                "The body must be a JSON object.",
            )


def test_a_body_that_is_too_large_is_refused(wire):
    answer = wire.post(PLACE, content=json.dumps(GOOD | {"prompt": "x" * 1_100_000}))
    assert (answer.status_code, answer.json()["code"]) == (413, 413)


def test_every_request_without_the_key_is_refused(shared_sandbox):
    for header in [{}, {"Authorization": f"Basic {KEY}"}, {"X-API-Key": KEY}]:
        for method, place in [
            ("POST", PLACE),
            ("GET", "/api/v3/predictions/x/result"),
            ("GET", "/sandbox/ledger"),
        ]:
            with case((header, method, place)):
                answer = request_without_key(
                    method, shared_sandbox.base_url + place, headers=header
                )
                assert answer.status_code == 401
                assert answer.json() == {"code": 401, "message": "missing or invalid API key"}


def test_an_unknown_address_is_a_json_error_without_a_redirect(wire):
    cases = [
        ("GET", "/api/v3/predictions/none", 404),
        ("GET", "/outputs/none/0.mp4", 404),
        ("GET", "/outputs/..%2f..%2fsandbox.sqlite3/0.mp4", 404),
        ("GET", PLACE, 405),
        ("POST", f"{PLACE}/", 404),
        ("GET", "/", 404),
    ]
    for method, place, status in cases:
        with case((method, place, status)):
            answer = wire.request(method, place)
            assert (answer.status_code, answer.json()["code"]) == (status, status)
