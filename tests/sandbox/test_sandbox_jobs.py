"""The sandbox as a customer sees it: our own client at the door of a real process."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest

from apps.core.outbound import download
from apps.footage.clips import probe
from apps.vendors.errors import Refused
from apps.vendors.types import Order, Progress
from apps.vendors.wavespeed.client import WaveSpeed
from mjweb.run import free_port
from tests.factories.pictures import png, serving_pictures
from tests.factories.sandbox import PENCIL, finished, running, until


def order(image: str, **changes) -> Order:
    parameters = changes.pop("parameters", {})
    return Order(image_url=image, prompt=changes.pop("prompt", "slow dolly in"), parameters=parameters)


def fetched(url: str) -> bytes:
    file = BytesIO()
    download(url, file, max_bytes=50_000_000, allow_private=True)
    return file.getvalue()


def test_an_order_becomes_a_clip_that_can_be_downloaded(client, picture, tmp_path):
    receipt = client.submit(order(picture, parameters={"aspect_ratio": "16:9"}))
    assert receipt.vendor_word == "created"
    done = finished(client, receipt.vendor_job_id)
    assert (done.progress, done.reason, done.code) == (Progress.DONE, "", 0)
    assert done.inference_ms > 0
    assert abs(datetime.now(UTC) - done.created_at) < timedelta(minutes=2)
    [output] = done.outputs
    assert output.nsfw is False
    film = tmp_path / "0.mp4"
    film.write_bytes(fetched(output.url))
    clip = probe(film)
    assert (clip.width, clip.height) == (832, 464)


def test_every_accepted_order_is_charged_once_at_its_price(client, picture, shared_sandbox):
    small = client.submit(order(picture)).vendor_job_id
    large = client.submit(order(picture, parameters={"resolution": "720p"})).vendor_job_id
    finished(client, large)
    assert shared_sandbox.paid(small) == [("0.15", "0")]
    assert shared_sandbox.paid(large) == [("0.48", "0")]


def test_a_flag_tells_what_the_finished_clip_shows(client, picture):
    job = client.submit(order(picture, prompt="a beach")).vendor_job_id
    assert finished(client, job).outputs[0].nsfw is True


@pytest.mark.parametrize("word", ["nude", "NSFW", "Porno"])
def test_a_banned_word_is_moderated_and_refunded(client, picture, shared_sandbox, word):
    job = client.submit(order(picture, prompt=f"a {word} figure")).vendor_job_id
    end = finished(client, job)
    assert (end.progress, end.code) == (Progress.MODERATED, 1200)
    assert end.reason == "Content flagged as potentially sensitive"
    assert end.outputs == ()
    assert shared_sandbox.paid(job) == [("0.15", "0.15")]


def test_a_picture_that_cannot_be_fetched_fails_the_job(client, picture_server, shared_sandbox):
    job = client.submit(order(f"{picture_server.base_url}/gone.png")).vendor_job_id
    end = finished(client, job)
    assert (end.progress, end.code) == (Progress.FAILED, 1402)
    assert "404" in end.reason
    assert shared_sandbox.paid(job) == [("0.15", "0.15")]


def test_a_file_that_is_no_picture_fails_the_job(client, picture_server):
    job = client.submit(order(picture_server.hang("notes.png", b"no picture at all"))).vendor_job_id
    assert finished(client, job).code == 1401


def test_a_failed_job_leaves_no_file_behind(client, picture_server, shared_sandbox):
    job = client.submit(order(picture_server.hang("notes.png", b"no picture at all"))).vendor_job_id
    finished(client, job)
    assert list(shared_sandbox.data.rglob(f"{job}/*")) == []


def test_a_picture_past_20_mb_is_not_fetched(client, picture_server):
    job = client.submit(order(picture_server.hang("huge.png", bytes(20_000_001)))).vendor_job_id
    end = finished(client, job)
    assert (end.code, "more than 20 MB" in end.reason) == (1402, True)


def test_a_fault_in_drawing_fails_the_job_and_not_the_vendor(client, picture, shared_sandbox):
    job = client.submit(order(picture, prompt="explode")).vendor_job_id
    end = finished(client, job)
    assert (end.progress, end.code, end.reason) == (Progress.FAILED, 1403, "Execution failed")
    assert shared_sandbox.paid(job) == [("0.15", "0.15")]
    again = client.submit(order(picture)).vendor_job_id
    assert finished(client, again).progress is Progress.DONE


def test_a_clip_may_come_inside_the_answer(client, picture):
    job = client.submit(order(picture, parameters={"enable_base64_output": True})).vendor_job_id
    [output] = finished(client, job).outputs
    assert fetched(output.url)[4:8] == b"ftyp"


def test_a_job_nobody_ordered_is_not_known(client):
    with pytest.raises(Refused, match="does not know this job"):
        client.result("0" * 32)


def test_a_wrong_key_is_refused(shared_sandbox, picture):
    charged = len(shared_sandbox.ledger())
    stranger = WaveSpeed(base_url=shared_sandbox.base_url, api_key="another")
    with pytest.raises(Refused, match="API key"):
        stranger.submit(order(picture))
    stranger.close()
    assert len(shared_sandbox.ledger()) == charged


def test_a_clip_can_be_fetched_in_pieces_by_whoever_has_its_address(client, picture):
    job = client.submit(order(picture)).vendor_job_id
    [output] = finished(client, job).outputs
    answer = httpx.get(output.url, headers={"Range": "bytes=4-7"}, trust_env=False)
    assert (answer.status_code, answer.content) == (206, b"ftyp")
    assert answer.headers["content-type"] == "video/mp4"


def test_a_real_clip_is_drawn_from_the_picture(sandbox, picture_server, tmp_path):
    client = sandbox.client()
    job = client.submit(order(picture_server.hang("in.png", png(640, 480)), parameters={"seed": 7}))
    done = finished(client, job.vendor_job_id, seconds=120)
    client.close()
    assert done.progress is Progress.DONE, done.reason
    film = tmp_path / "0.mp4"
    film.write_bytes(fetched(done.outputs[0].url))
    clip = probe(film)
    assert (clip.width, clip.height) == (624, 624)
    assert done.outputs[0].nsfw is False


def test_a_job_is_seen_to_run(tmp_path, picture):
    with running(tmp_path / "slow", PENCIL, "--min-seconds", "3600") as slow:
        client = slow.client()
        first, second = (client.submit(order(picture)).vendor_job_id for _ in range(2))
        until(lambda: client.result(first).vendor_word, lambda word: word == "processing")
        assert client.result(second).progress is Progress.WAITING
        client.close()


def test_a_job_waits_for_a_customer_that_is_just_restarting(tmp_path):
    port = free_port()
    with (
        running(tmp_path / "sandbox", PENCIL, "--patience=30") as patient,
        closing(patient.client()) as client,
    ):
        job = client.submit(order(f"http://127.0.0.1:{port}/late.png")).vendor_job_id
        until(lambda: client.result(job).vendor_word, lambda word: word == "processing")
        with serving_pictures(port) as pictures:
            pictures.hang("late.png", png())
            until(lambda: client.result(job).vendor_word, lambda word: word != "processing")
        assert finished(client, job).progress is Progress.DONE
