"""Orders over real sockets: what truly tells an order that never left from one that may have arrived."""

import json
import socket
import threading
from contextlib import contextmanager

import httpx
import pytest

from apps.vendors import http
from apps.vendors.errors import TryLater, Unsure
from apps.vendors.types import Order
from tests.vendors.wavespeed.stage import Called

ORDER = Order(image_url="https://assets.example.test/a.png", prompt="dolly in", parameters={})
YES = json.dumps(
    {"code": 200, "message": "success", "data": {"id": "job-1", "status": "created"}}
).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def vendor(*answers: bytes | None):
    """Read a request on each new connection and answer with these bytes; None holds the line instead."""
    orders, over = [], threading.Event()

    def serve(door):
        for answer in answers:
            connection, _ = door.accept()
            with connection:
                orders.append(connection.recv(65536))
                if answer is None:
                    over.wait(10)
                else:
                    connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(10)
        thread = threading.Thread(target=serve, args=[door])
        thread.start()
        ours = Called(base_url=f"http://127.0.0.1:{door.getsockname()[1]}", api_key="key")
        yield ours, orders
        over.set()
        thread.join()


def test_an_order_goes_out_and_its_receipt_comes_back():
    with vendor(HEAD % len(YES) + YES) as (ours, orders):
        assert ours.submit(ORDER).vendor_job_id == "job-1"
    assert orders[0].startswith(b"POST /api/v3/midjourney/image-to-video HTTP/1.1\r\n")


def test_every_order_goes_over_a_connection_of_its_own():
    with vendor(HEAD % len(YES) + YES, HEAD % len(YES) + YES) as (ours, orders):
        ours.submit(ORDER)
        ours.submit(ORDER)
    assert len(orders) == 2


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200", HEAD % 500 + YES, b"good morning\r\n\r\n"]
)
def test_a_vendor_that_hangs_up_after_reading_may_have_taken_the_order(answer):
    with vendor(answer) as (ours, orders), pytest.raises(Unsure):
        ours.submit(ORDER)
    assert len(orders) == 1


def test_a_vendor_that_reads_and_stays_silent_may_have_taken_the_order(monkeypatch):
    monkeypatch.setattr(http, "SEND_TIMEOUT", httpx.Timeout(0.2))
    with vendor(None) as (ours, orders), pytest.raises(Unsure):
        ours.submit(ORDER)
    assert len(orders) == 1


def test_a_closed_door_took_nothing():
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    ours = Called(base_url=f"http://127.0.0.1:{port}", api_key="key")
    with pytest.raises(TryLater, match="nothing was sent"):
        ours.submit(ORDER)


def test_a_name_that_does_not_exist_took_nothing(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    ours = Called(base_url="http://nobody.invalid", api_key="key")
    with pytest.raises(TryLater, match="nothing was sent"):
        ours.submit(ORDER)


def test_a_vendor_that_speaks_no_tls_took_nothing():
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(10)

        def serve():
            connection, _ = door.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        ours = Called(base_url=f"https://127.0.0.1:{door.getsockname()[1]}", api_key="key")
        with pytest.raises(TryLater, match="nothing was sent"):
            ours.submit(ORDER)
        thread.join()
