"""Webhooks to customers: signed and repeated by WaveSpeedAI, bare by CometAPI, faulty on demand."""

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
    """A customer's web server that records webhooks; it gives each of `answers` once, then 200."""

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


def order_from_wavespeed(
    sandbox: Sandbox, picture: str, listener: Listener, prompt: str = "drift"
) -> str:
    params = {"webhook": listener.url}
    body = {"image": picture, "prompt": prompt}
    return sandbox.ask("POST", MODEL, params=params, json=body)["data"]["id"]


def order_from_comet(
    sandbox: Sandbox, picture: str, listener: Listener, prompt: str = "drift"
) -> str:
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


def wait_for_calls(listener: Listener, count: int) -> list[tuple[dict, bytes]]:
    return until(lambda: list(listener.heard), lambda calls: len(calls) >= count)


def test_webhook_signatures_match_the_test_vector():
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


def test_a_finished_job_has_one_webhook_bare_and_signed(caller, picture, listener):
    job = order_from_wavespeed(caller, picture, listener)
    done = caller.result_at_end(job)
    [(headers, raw)] = wait_for_calls(listener, 1)
    assert is_genuine(headers, raw, secret_of(caller), now=time.time())
    told = json.loads(raw)
    assert told.keys() == done.keys() - {"code"}
    assert {name: done[name] for name in told} == told
    assert headers["webhook-id"] == job


def test_the_webhook_of_a_failed_job_has_no_outputs(caller, picture, listener):
    order_from_wavespeed(caller, picture, listener, "nude")
    wait_for_calls(listener, 1)
    [told] = listener.bodies
    assert (told["status"], "outputs" in told) == ("failed", False)


def test_a_failed_webhook_is_repeated_three_times(caller, picture, listener):
    listener.answers = [500, 503, 302, 500]
    job = order_from_wavespeed(caller, picture, listener)
    calls = wait_for_calls(listener, 4)
    assert {headers["webhook-id"] for headers, _ in calls} == {job}
    other = order_from_wavespeed(caller, picture, listener)
    calls = wait_for_calls(listener, 5)
    assert [headers["webhook-id"] for headers, _ in calls] == [job] * 4 + [other]


def test_webhooks_are_sent_after_a_kill(tmp_path, picture, listener):
    sandbox = Sandbox(tmp_path / "sandbox", QUICK, ("--webhook-retry-seconds=3600",)).start()
    listener.answers = [500]
    job = order_from_wavespeed(sandbox, picture, listener)
    wait_for_calls(listener, 1)
    sandbox.restart()
    calls = wait_for_calls(listener, 2)
    sandbox.kill()
    assert [headers["webhook-id"] for headers, _ in calls] == [job, job]


def test_a_customer_that_does_not_answer_blocks_no_other(caller, picture):
    class Deaf(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            released.wait(30)

    released = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Deaf) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        job = order_from_wavespeed(
            caller, picture, Listener(f"http://127.0.0.1:{server.server_address[1]}/")
        )
        assert caller.result_at_end(job)["status"] in TERMINAL
        assert caller.result(job)["id"] == job
        released.set()
        server.shutdown()
        thread.join()


def test_cometapi_sends_unsigned_webhooks_at_every_change(caller, picture, listener):
    job = order_from_comet(caller, picture, listener)
    calls = wait_for_calls(listener, 3)
    assert {told["status"] for told in listener.bodies} == {"SUBMITTED", "IN_PROGRESS", "SUCCESS"}
    assert {told["id"] for told in listener.bodies} == {job}
    assert not any(name.startswith("webhook") for headers, _ in calls for name in headers)
    done = next(told for told in listener.bodies if told["status"] == "SUCCESS")
    assert done == caller.ask("GET", f"/mj/task/{job}/fetch")


def test_a_duplicate_fault_sends_the_same_webhook_twice(caller, picture, listener):
    order_from_wavespeed(caller, picture, listener, "[fault:hook_duplicate]")
    (one, first), (two, second) = wait_for_calls(listener, 2)
    assert (one["webhook-id"], first) == (two["webhook-id"], second)


def test_a_forged_webhook_reports_a_failure_with_a_wrong_signature(caller, picture, listener):
    job = order_from_wavespeed(caller, picture, listener, "[fault:hook_forged]")
    [(headers, raw)] = wait_for_calls(listener, 1)
    assert json.loads(raw)["status"] == "failed"
    assert not is_genuine(headers, raw, secret_of(caller), now=time.time())
    assert caller.result_at_end(job)["status"] == "completed"


def test_a_replayed_webhook_is_genuine_but_an_hour_old(caller, picture, listener):
    order_from_wavespeed(caller, picture, listener, "[fault:hook_replayed]")
    [(headers, raw)] = wait_for_calls(listener, 1)
    assert not is_genuine(headers, raw, secret_of(caller), now=time.time())
    assert is_genuine(headers, raw, secret_of(caller), now=time.time() - 3600)


def test_cometapis_faulty_webhooks_have_wrong_statuses(caller, picture, listener):
    order_from_comet(caller, picture, listener, "[fault:hook_forged]")
    wait_for_calls(listener, 3)
    assert {told["status"] for told in listener.bodies} == {"FAILURE"}
    listener.heard.clear()
    order_from_comet(caller, picture, listener, "[fault:hook_replayed]")
    wait_for_calls(listener, 3)
    assert {told["status"] for told in listener.bodies} == {"IN_PROGRESS"}


def test_a_webhook_may_never_be_sent(caller, picture, listener):
    silent = order_from_wavespeed(caller, picture, listener, "[fault:hook_never]")
    caller.result_at_end(silent)
    told = order_from_wavespeed(caller, picture, listener)
    [(headers, _)] = wait_for_calls(listener, 1)
    assert headers["webhook-id"] == told


def test_a_late_webhook_waits_for_the_sandboxs_clock(caller, picture, listener):
    late = order_from_wavespeed(caller, picture, listener, "[fault:hook_late]")
    caller.result_at_end(late)
    prompt = order_from_wavespeed(caller, picture, listener)
    assert [headers["webhook-id"] for headers, _ in wait_for_calls(listener, 1)] == [prompt]
    caller.ask("POST", "/sandbox/clock", json={"ahead": 601})
    assert [headers["webhook-id"] for headers, _ in wait_for_calls(listener, 2)] == [prompt, late]


def test_the_webhook_secret_can_be_chosen(tmp_path):
    with running(tmp_path / "chosen", QUICK, "--webhook-secret=whsec_chosen") as chosen:
        assert secret_of(chosen) == "whsec_chosen"
