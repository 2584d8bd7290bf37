"""Orders over real sockets: which failures prove that an order never left."""

import json
import socket
import threading
from contextlib import contextmanager

import httpx
import pytest

from apps.vendors import http
from apps.vendors.errors import TryLater, Unsure
from apps.vendors.types import Order
from tests.support.cases import case
from tests.vendors.wavespeed.server import SyncClient

ORDER = Order(image_url="https://assets.example.test/a.png", prompt="dolly in", parameters={})
YES = json.dumps(
    {"code": 200, "message": "success", "data": {"id": "job-1", "status": "created"}}
).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def vendor(*answers: bytes | None):
    """Read a request on each connection and answer with these bytes; with None, never answer."""
    orders, over = [], threading.Event()

    def serve(listener):
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                orders.append(connection.recv(65536))
                if answer is None:
                    over.wait(10)
                else:
                    connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=serve, args=[listener])
        thread.start()
        client = SyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", api_key="key")
        yield client, orders
        over.set()
        thread.join()


def test_an_order_gets_a_receipt():
    with vendor(HEAD % len(YES) + YES) as (client, orders):
        assert client.submit(ORDER).vendor_job_id == "job-1"
    assert orders[0].startswith(b"POST /api/v3/midjourney/image-to-video HTTP/1.1\r\n")


def test_every_order_has_its_own_connection():
    with vendor(HEAD % len(YES) + YES, HEAD % len(YES) + YES) as (client, orders):
        client.submit(ORDER)
        client.submit(ORDER)
    assert len(orders) == 2


def test_an_order_is_unsure_where_the_vendor_closes_the_connection():
    for answer in [b"", b"HTTP/1.1 200", HEAD % 500 + YES, b"good morning\r\n\r\n"]:
        with case(answer):
            with vendor(answer) as (client, orders), pytest.raises(Unsure):
                client.submit(ORDER)
            assert len(orders) == 1


def test_an_order_is_unsure_where_the_vendor_never_answers(monkeypatch):
    monkeypatch.setattr(http, "SEND_TIMEOUT", httpx.Timeout(0.2))
    with vendor(None) as (client, orders), pytest.raises(Unsure):
        client.submit(ORDER)
    assert len(orders) == 1


def test_an_order_to_a_closed_port_is_tried_later():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = SyncClient(base_url=f"http://127.0.0.1:{port}", api_key="key")
    with pytest.raises(TryLater, match="nothing was sent"):
        client.submit(ORDER)


def test_an_order_to_an_unknown_host_is_tried_later(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    client = SyncClient(base_url="http://nobody.invalid", api_key="key")
    with pytest.raises(TryLater, match="nothing was sent"):
        client.submit(ORDER)


def test_an_order_to_a_server_without_tls_is_tried_later():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        client = SyncClient(
            base_url=f"https://127.0.0.1:{listener.getsockname()[1]}", api_key="key"
        )
        with pytest.raises(TryLater, match="nothing was sent"):
            client.submit(ORDER)
        thread.join()
