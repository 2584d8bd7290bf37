"""The sandbox as a customer sees it: plain HTTP to a real process."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest

from apps.core.outbound import download
from apps.footage.probing import probe
from mjweb.run import free_port
from tests.support.cases import case
from tests.support.pictures import png, serving_pictures
from tests.support.sandbox import QUICK, request_without_key, running, until


def download_clip(url: str) -> bytes:
    file = BytesIO()
    download(url, file, max_bytes=50_000_000, allow_private=True)
    return file.getvalue()


def test_an_order_becomes_a_clip_that_can_be_downloaded(shared_sandbox, picture, tmp_path):
    done = shared_sandbox.result_at_end(shared_sandbox.submit(picture, aspect_ratio="16:9"))
    assert (done["status"], done["error"], done["code"]) == ("completed", "", 0)
    assert done["timings"]["inference"] > 0
    assert abs(datetime.now(UTC) - datetime.fromisoformat(done["created_at"])) < timedelta(
        minutes=2
    )
    [output] = done["outputs"]
    assert done["has_nsfw_contents"] == [False]
    film = tmp_path / "0.mp4"
    film.write_bytes(download_clip(output))
    clip = probe(film)
    assert (clip.width, clip.height) == (832, 464)


def test_every_accepted_order_is_charged_once_at_its_price(picture, shared_sandbox):
    small = shared_sandbox.submit(picture)
    large = shared_sandbox.submit(picture, resolution="720p")
    shared_sandbox.result_at_end(large)
    assert shared_sandbox.payments(small) == [("0.15", "0")]
    assert shared_sandbox.payments(large) == [("0.48", "0")]


def test_the_nsfw_flag_depends_on_the_finished_clip(shared_sandbox, picture):
    job = shared_sandbox.submit(picture, "a beach")
    assert shared_sandbox.result_at_end(job)["has_nsfw_contents"] == [True]


def test_a_banned_word_is_moderated_and_refunded(picture, shared_sandbox):
    for word in ["nude", "NSFW", "Porno"]:
        with case(word):
            job = shared_sandbox.submit(picture, f"a {word} figure")
            end = shared_sandbox.result_at_end(job)
            assert (end["status"], end["code"]) == ("failed", 1200)
            assert end["error"] == "Content flagged as potentially sensitive"
            assert end["outputs"] == []
            assert shared_sandbox.payments(job) == [("0.15", "0.15")]


def test_a_picture_that_cannot_be_fetched_fails_the_job(picture_server, shared_sandbox):
    job = shared_sandbox.submit(f"{picture_server.base_url}/gone.png")
    end = shared_sandbox.result_at_end(job)
    assert (end["status"], end["code"]) == ("failed", 1402)
    assert "404" in end["error"]
    assert shared_sandbox.payments(job) == [("0.15", "0.15")]


def test_a_file_that_is_no_picture_fails_the_job(shared_sandbox, picture_server):
    job = shared_sandbox.submit(picture_server.hang("notes.png", b"no picture at all"))
    assert shared_sandbox.result_at_end(job)["code"] == 1401


def test_a_failed_job_leaves_no_file_behind(picture_server, shared_sandbox):
    job = shared_sandbox.submit(picture_server.hang("notes.png", b"no picture at all"))
    shared_sandbox.result_at_end(job)
    assert list(shared_sandbox.data.rglob(f"{job}/*")) == []


def test_a_picture_larger_than_20_mb_fails_the_job(shared_sandbox, picture_server):
    job = shared_sandbox.submit(picture_server.hang("huge.png", bytes(20_000_001)))
    end = shared_sandbox.result_at_end(job)
    assert (end["code"], "larger than 20 MB" in end["error"]) == (1402, True)


def test_an_error_in_drawing_fails_only_that_job(picture, shared_sandbox):
    job = shared_sandbox.submit(picture, "explode")
    end = shared_sandbox.result_at_end(job)
    assert (end["status"], end["code"], end["error"]) == ("failed", 1403, "Execution failed")
    assert shared_sandbox.payments(job) == [("0.15", "0.15")]
    again = shared_sandbox.submit(picture)
    assert shared_sandbox.result_at_end(again)["status"] == "completed"


def test_a_clip_may_be_inside_the_answer(shared_sandbox, picture):
    job = shared_sandbox.submit(picture, enable_base64_output=True)
    [output] = shared_sandbox.result_at_end(job)["outputs"]
    assert base64.b64decode(output, validate=True)[4:8] == b"ftyp"


def test_a_wrong_key_is_refused(shared_sandbox, picture):
    charged = len(shared_sandbox.ledger())
    stranger = replace(shared_sandbox, key="another")
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        stranger.submit(picture)
    assert len(shared_sandbox.ledger()) == charged


def test_a_clip_can_be_downloaded_in_ranges_without_the_key(shared_sandbox, picture):
    [output] = shared_sandbox.result_at_end(shared_sandbox.submit(picture))["outputs"]
    answer = request_without_key("GET", output, headers={"Range": "bytes=4-7"})
    assert (answer.status_code, answer.content) == (206, b"ftyp")
    assert answer.headers["content-type"] == "video/mp4"


def test_no_two_clips_have_the_same_bytes(shared_sandbox, picture):
    jobs = [shared_sandbox.submit(picture, seed=7) for _ in range(3)]
    clips = [download_clip(shared_sandbox.result_at_end(job)["outputs"][0]) for job in jobs]
    assert len(set(clips)) == 3


def test_a_real_clip_is_drawn_from_the_picture(sandbox, picture_server, tmp_path):
    job = sandbox.submit(picture_server.hang("in.png", png(640, 480)), seed=7)
    done = sandbox.result_at_end(job, seconds=120)
    assert done["status"] == "completed", done["error"]
    film = tmp_path / "0.mp4"
    film.write_bytes(download_clip(done["outputs"][0]))
    clip = probe(film)
    assert (clip.width, clip.height) == (624, 624)
    assert done["has_nsfw_contents"] == [False]


def test_a_job_is_processing_before_it_ends(tmp_path, picture):
    with running(tmp_path / "slow", QUICK, "--min-seconds", "3600") as slow:
        first, second = (slow.submit(picture) for _ in range(2))
        until(lambda: slow.result(first)["status"], lambda word: word == "processing")
        assert slow.result(second)["status"] == "created"


def test_a_job_waits_for_an_image_server_that_is_restarting(tmp_path):
    port = free_port()
    with running(tmp_path / "sandbox", QUICK, "--patience=30") as patient:
        job = patient.submit(f"http://127.0.0.1:{port}/late.png")
        until(lambda: patient.result(job)["status"], lambda word: word == "processing")
        with serving_pictures(port) as pictures:
            pictures.hang("late.png", png())
            until(lambda: patient.result(job)["status"], lambda word: word != "processing")
        assert patient.result_at_end(job)["status"] == "completed"
