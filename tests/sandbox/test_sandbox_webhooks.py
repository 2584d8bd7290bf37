"""Calls to customers: signed and repeated by WaveSpeed, bare by Comet, crooked on demand."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from apps.sandbox.webhooks import sign_webhook
from tests.support.sandbox import MODEL, QUICK, TERMINAL, Sandbox, running, until


@dataclass
class Listener:
    """A customer's web server that keeps what it hears; `answers` are given one after the other, then 200."""

    url: str
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[dict, bytes]] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict]:
        """What was heard, as JSON."""
        return [json.loads(raw) for _, raw in list(self.heard)]


@contextmanager
def listening() -> Iterator[Listener]:
    """Run a customer's web server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            listener.heard.append(
                ({name.lower(): value for name, value in self.headers.items()}, raw)
            )
            self.send_response(listener.answers.pop(0) if listener.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        listener = Listener(f"http://127.0.0.1:{server.server_address[1]}/hook?token=abc")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listener
        server.shutdown()
        thread.join()


@pytest.fixture
def listener():
    """Give a customer's web server."""
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def caller(tmp_path_factory):
    """Give a sandbox that repeats calls quickly."""
    with running(
        tmp_path_factory.mktemp("caller"), QUICK, "--webhook-retry-seconds=0.02"
    ) as sandbox:
        yield sandbox


def ordered(sandbox: Sandbox, picture: str, listener: Listener, prompt: str = "drift") -> str:
    params = {"webhook": listener.url}
    body = {"image": picture, "prompt": prompt}
    return sandbox.ask("POST", MODEL, params=params, json=body)["data"]["id"]


def commanded(sandbox: Sandbox, picture: str, listener: Listener, prompt: str = "drift") -> str:
    body = {"image": picture, "prompt": prompt, "batchSize": 1, "notifyHook": listener.url}
    return sandbox.ask("POST", "/mj/submit/video", json=body)["result"]


def secret_of(sandbox: Sandbox) -> str:
    return sandbox.ask("GET", "/api/v3/webhook/secret")["data"]["secret"]


def is_genuine(headers: dict, raw: bytes, secret: str, *, now: float) -> bool:
    """Verify a call as the vendor documents it (docs/vendor-contracts.md, section 1.10)."""
    call_id, moment = headers["webhook-id"], headers["webhook-timestamp"]
    key = secret.removeprefix("whsec_").encode()
    digest = hmac.new(key, f"{call_id}.{moment}.".encode() + raw, hashlib.sha256).hexdigest()
    return abs(now - int(moment)) <= 300 and headers["webhook-signature"] == f"v3,{digest}"


def heard(listener: Listener, count: int) -> list[tuple[dict, bytes]]:
    return until(lambda: list(listener.heard), lambda calls: len(calls) >= count)


def test_signatures_are_those_of_the_contract():
    body = (
        b'{"id":"5f0c2d9b7a164e3f8b1d6a2c9e407f31","model":"midjourney/image-to-video","status":"completed",'
        b'"outputs":["https://cdn.example.test/out/1.mp4"],"has_nsfw_contents":[false],"error":"",'
        b'"timings":{"inference":41873}}'
    )
    headers = sign_webhook(
        "5f0c2d9b7a164e3f8b1d6a2c9e407f31", 1795219200, body, "whsec_" + "0123456789abcdef" * 4
    )
    digest = "edda4494015cf0302b5bbf04a5a99fee6f140e9cbea2700ff700b97d084cbf78"
    assert headers["webhook-signature"] == f"v3,{digest}"


def test_a_finished_job_is_called_about_once_bare_and_signed(caller, picture, listener):
    job = ordered(caller, picture, listener)
    done = caller.finished(job)
    [(headers, raw)] = heard(listener, 1)
    assert is_genuine(headers, raw, secret_of(caller), now=time.time())
    told = json.loads(raw)
    assert told.keys() == done.keys() - {"code"}
    assert {name: done[name] for name in told} == told
    assert headers["webhook-id"] == job


def test_a_failed_job_is_called_about_without_outputs(caller, picture, listener):
    ordered(caller, picture, listener, "nude")
    heard(listener, 1)
    [told] = listener.bodies
    assert (told["status"], "outputs" in told) == ("failed", False)


def test_a_call_nobody_takes_is_repeated_three_times(caller, picture, listener):
    listener.answers = [500, 503, 302, 500]
    job = ordered(caller, picture, listener)
    calls = heard(listener, 4)
    assert {headers["webhook-id"] for headers, _ in calls} == {job}
    other = ordered(caller, picture, listener)
    calls = heard(listener, 5)
    assert [headers["webhook-id"] for headers, _ in calls] == [job] * 4 + [other]


def test_calls_are_made_after_a_kill(tmp_path, picture, listener):
    sandbox = Sandbox(tmp_path / "sandbox", QUICK, ("--webhook-retry-seconds=3600",)).start()
    listener.answers = [500]
    job = ordered(sandbox, picture, listener)
    heard(listener, 1)
    sandbox.restart()
    calls = heard(listener, 2)
    sandbox.kill()
    assert [headers["webhook-id"] for headers, _ in calls] == [job, job]


def test_a_customer_that_does_not_answer_blocks_nobody(caller, picture):
    class Deaf(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            released.wait(30)

    released = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Deaf) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        job = ordered(caller, picture, Listener(f"http://127.0.0.1:{server.server_address[1]}/"))
        assert caller.finished(job)["status"] in TERMINAL
        assert caller.result(job)["id"] == job
        released.set()
        server.shutdown()
        thread.join()


def test_comet_calls_at_every_change_and_signs_nothing(caller, picture, listener):
    job = commanded(caller, picture, listener)
    calls = heard(listener, 3)
    assert {told["status"] for told in listener.bodies} == {"SUBMITTED", "IN_PROGRESS", "SUCCESS"}
    assert {told["id"] for told in listener.bodies} == {job}
    assert not any(name.startswith("webhook") for headers, _ in calls for name in headers)
    done = next(told for told in listener.bodies if told["status"] == "SUCCESS")
    assert done == caller.ask("GET", f"/mj/task/{job}/fetch")


def test_a_duplicate_is_the_same_call_twice(caller, picture, listener):
    ordered(caller, picture, listener, "[fault:hook_duplicate]")
    (one, first), (two, second) = heard(listener, 2)
    assert (one["webhook-id"], first) == (two["webhook-id"], second)


def test_a_forged_call_tells_of_a_failure_and_its_signature_is_wrong(caller, picture, listener):
    job = ordered(caller, picture, listener, "[fault:hook_forged]")
    [(headers, raw)] = heard(listener, 1)
    assert json.loads(raw)["status"] == "failed"
    assert not is_genuine(headers, raw, secret_of(caller), now=time.time())
    assert caller.finished(job)["status"] == "completed"


def test_a_replayed_call_is_genuine_but_an_hour_old(caller, picture, listener):
    ordered(caller, picture, listener, "[fault:hook_replayed]")
    [(headers, raw)] = heard(listener, 1)
    assert not is_genuine(headers, raw, secret_of(caller), now=time.time())
    assert is_genuine(headers, raw, secret_of(caller), now=time.time() - 3600)


def test_comets_crooked_calls_tell_what_is_not_so(caller, picture, listener):
    commanded(caller, picture, listener, "[fault:hook_forged]")
    heard(listener, 3)
    assert {told["status"] for told in listener.bodies} == {"FAILURE"}
    listener.heard.clear()
    commanded(caller, picture, listener, "[fault:hook_replayed]")
    heard(listener, 3)
    assert {told["status"] for told in listener.bodies} == {"IN_PROGRESS"}


def test_a_call_may_never_come(caller, picture, listener):
    silent = ordered(caller, picture, listener, "[fault:hook_never]")
    caller.finished(silent)
    told = ordered(caller, picture, listener)
    [(headers, _)] = heard(listener, 1)
    assert headers["webhook-id"] == told


def test_a_late_call_waits_for_the_sandboxs_clock(caller, picture, listener):
    late = ordered(caller, picture, listener, "[fault:hook_late]")
    caller.finished(late)
    prompt = ordered(caller, picture, listener)
    assert [headers["webhook-id"] for headers, _ in heard(listener, 1)] == [prompt]
    caller.ask("POST", "/sandbox/clock", json={"ahead": 601})
    assert [headers["webhook-id"] for headers, _ in heard(listener, 2)] == [prompt, late]


def test_the_secret_can_be_chosen(tmp_path):
    with running(tmp_path / "chosen", QUICK, "--webhook-secret=whsec_chosen") as chosen:
        assert secret_of(chosen) == "whsec_chosen"
