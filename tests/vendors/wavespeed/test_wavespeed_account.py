"""Requests of an account beside orders: money, webhook secret, uploads, deletions, a stop."""

import json
from decimal import Decimal
from functools import partial

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vendors.errors import Refused, TryLater, Unsure, VendorError
from apps.vendors.types import StopResult
from tests.support.cases import case
from tests.vendors.wavespeed.server import (
    BASE,
    BODIES,
    KEY,
    MODEL,
    SyncClient,
    client_answered,
    client_failing,
    envelope,
    wavespeed,
)

# --- money ----------------------------------------------------------------------------------------


def test_a_balance_is_parsed_exactly():
    data_cases = [
        ({"balance": 12.34}, "12.34"),
        ({"balance": 0}, "0"),
        ({"balance": -0.5}, "-0.5"),
        ({"balance": "7.10"}, "7.10"),
        ({"balance": 3, "currency": "usd"}, "3"),
        ({"balance": 3, "currency": None}, "3"),
    ]
    for data, left in data_cases:
        for wrap in [envelope, lambda data: data]:
            with case((data, left, wrap)):
                assert client_answered(json=wrap(data)).balance() == Decimal(left)


def test_an_invalid_balance_is_unknown():
    cases = [
        {},
        {"balance": None},
        {"balance": True},
        {"balance": "much"},
        {"balance": "NaN"},
        {"balance": "Infinity"},
        {"balance": 10**400},
        {"balance": []},
        {"balance": 3, "currency": "EUR"},
        {"balance": 3, "currency": 7},
    ]
    for data in cases:
        with case(data):
            assert client_answered(json=envelope(data)).balance() is None


def test_the_lowest_price_counts():
    cases = [
        ({"price": 0.48, "discounted_price": 0.36, "discount_rate": 25, "currency": "USD"}, "0.36"),
        ({"price": 0.48, "discounted_price": 0.48}, "0.48"),
        ({"price": 0.48, "discounted_price": 0}, "0.48"),
        ({"price": 0.48, "discounted_price": None}, "0.48"),
        ({"price": 0.48, "discounted_price": 0.6}, "0.48"),
        ({"price": 0.48}, "0.48"),
        ({"unit_price": 0.15, "currency": "USD"}, "0.15"),
    ]
    for data, costs in cases:
        with case((data, costs)):
            assert client_answered(json=envelope(data)).price({}) == Decimal(costs)


def test_an_invalid_price_is_unknown_and_never_0():
    for data in [{}, {"price": 0}, {"price": -1}, {"price": "?"}, {"price": 1, "currency": "CNY"}]:
        with case(data):
            assert client_answered(json=envelope(data)).price({}) is None


def test_a_price_query_has_exactly_the_parameters(server):
    server.respond = lambda request: (200, envelope({"price": 0.5}))
    server.client(schema_version="3").price({"resolution": "720p"})
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/api/v3/model/price")
    assert request.json == {"model_id": MODEL, "inputs": {"resolution": "720p", "motion": "low"}}


def test_the_price_of_an_unknown_parameter_is_not_queried(server):
    with pytest.raises(Refused, match="no parameter called “seed”"):
        server.client(schema_version="3").price({"seed": 1})
    assert server.requests == []


QUERIES = [("balance", ()), ("price", ({},)), ("webhook_secret", ())]


def test_an_account_query_without_an_answer_is_tried_later():
    clients = {
        **{status: client_answered(status) for status in (408, 429, 500, 503)},
        **{
            body[:9]: client_answered(content=body)
            for body in (b"", b"<html>", b'"x"', b"[]", b"[" * 100_000)
        },
        **{error: client_failing(error) for error in (httpx.ConnectError, httpx.ReadTimeout)},
    }
    for verb, arguments in QUERIES:
        for answer, client in clients.items():
            with case((verb, answer)), pytest.raises(TryLater):
                getattr(client, verb)(*arguments)


def test_an_account_query_is_refused_where_the_vendor_refuses():
    for verb, arguments in QUERIES:
        for status in (401, 403):
            with case((verb, status)), pytest.raises(Refused):
                getattr(client_answered(status), verb)(*arguments)


# --- the secret of the hooks ----------------------------------------------------------------------


def test_the_webhook_secret_may_be_in_an_envelope_or_bare(caplog):
    for wrap in [envelope, lambda data: data]:
        with case(wrap):
            caplog.set_level("DEBUG")
            client = client_answered(json=wrap({"secret": "whsec_abc"}))
            assert client.webhook_secret() == "whsec_abc"
            assert "whsec_abc" not in caplog.text


def test_an_invalid_webhook_secret_is_no_secret():
    for secret in [None, "", 7, "with space", "ünï", "a\x00", "s" * 501]:
        with case(secret):
            assert client_answered(json=envelope({"secret": secret})).webhook_secret() == ""


def test_a_vendor_without_signed_webhooks_has_no_secret():
    assert client_answered(404).webhook_secret() == ""


# --- deleting and stopping ------------------------------------------------------------------------


def test_jobs_are_deleted_a_hundred_at_a_time(server):
    server.respond = lambda request: (200, envelope({"deleted_count": len(request.json["ids"])}))
    assert server.client().delete_jobs([f"job-{number}" for number in range(250)]) == 250
    assert server.paths() == ["POST /api/v3/predictions/delete"] * 3
    assert [len(request.json["ids"]) for request in server.requests] == [100, 100, 50]


def test_a_deletion_of_no_jobs_sends_nothing(server):
    assert server.client().delete_jobs([]) == 0
    assert server.requests == []


def test_an_impossible_count_of_deletions_is_corrected():
    for count, told in [(1, 1), (0, 0), (-3, 0), (99, 2), (None, 0), ("2", 0), (True, 0), (1.0, 0)]:
        with case((count, told)):
            client = client_answered(json=envelope({"deleted_count": count}))
            assert client.delete_jobs(["a", "b"]) == told


def test_a_failed_deletion_is_the_right_kind_of_error():
    cases = [
        (client_failing(httpx.ConnectError), TryLater),
        (client_failing(httpx.ReadTimeout), Unsure),
        (client_answered(500), Unsure),
        (client_answered(429), TryLater),
        (client_answered(403), Refused),
        (client_answered(json={"code": 500, "message": "x", "data": None}), Unsure),
    ]
    for vendor, error in cases:
        with case((vendor, error)), pytest.raises(error):
            vendor.delete_jobs(["a"])


def test_a_stop_is_unsupported_and_sends_nothing(server):
    assert server.client().stop("job-1") is StopResult.UNSUPPORTED
    assert server.requests == []


# --- uploads --------------------------------------------------------------------------------------

PICTURE = b"\x89PNG and so on"
STORE = "https://store.example.test/put/ab12?sig=a%2Fb&x=1"
MEDIA = "https://media.example.test/u/ab12/harbour.png"


def ticket(url=STORE, download_url=MEDIA, **upload) -> dict:
    place = {"method": "PUT", "url": url, "headers": {"Content-Type": "image/png"}} | upload
    return envelope({"type": "image", "download_url": download_url, "upload": place})


def upload_by_ticket(server, *, status: int = 200, headers=None, **changes):
    """Play both parts: the desk that writes tickets and the store."""
    place = {
        "url": f"{server.url}/put/ab12?sig=a%2Fb",
        "download_url": f"{server.url}/u/harbour.png",
    }
    written = (
        ticket(**place | changes) if headers is None else ticket(**place | changes, headers=headers)
    )
    server.respond = lambda request: (200, written) if request.method == "POST" else (status, b"")
    return server.client().upload("harbour.png", PICTURE, "image/png")


def test_a_picture_is_uploaded_to_the_tickets_address(server):
    uploaded = upload_by_ticket(server, headers={"Content-Type": "image/png", "X-Sig": "s1"})
    assert uploaded == f"{server.url}/u/harbour.png"
    tickets, store = server.requests
    assert (tickets.method, tickets.path) == ("POST", "/api/v3/media/uploads")
    assert tickets.json == {
        "filename": "harbour.png",
        "size": len(PICTURE),
        "content_type": "image/png",
    }
    assert tickets.headers["authorization"] == f"Bearer {KEY}"
    assert (store.method, store.path, store.query) == ("PUT", "/put/ab12", {"sig": ["a/b"]})
    assert store.body == PICTURE


def test_the_store_gets_the_tickets_headers_and_never_our_key(server):
    upload_by_ticket(server, headers={"Content-Type": "image/webp", "X-Sig": "s1"})
    headers = server.requests[1].headers
    assert (headers["content-type"], headers["x-sig"]) == ("image/webp", "s1")
    assert "authorization" not in headers
    assert KEY not in repr(server.requests[1])


def test_a_content_type_is_sent_only_if_the_ticket_has_one(server):
    upload_by_ticket(server, headers={})
    assert "content-type" not in server.requests[1].headers


def test_every_success_status_of_the_store_counts(server):
    for status in [200, 201, 204]:
        with case(status):
            server.reset()
            assert upload_by_ticket(server, status=status)


def test_an_upload_follows_no_redirect(server):
    for status in [301, 302, 307, 308]:
        with case(status):
            server.reset()
            with pytest.raises(Refused, match="does not take the file"):
                upload_by_ticket(server, status=status)
            assert len(server.requests) == 2


def test_a_failed_upload_is_refused_or_tried_later(server):
    for status, error in [
        (403, Refused),
        (413, Refused),
        (408, TryLater),
        (429, TryLater),
        (503, TryLater),
    ]:
        with case((status, error)):
            server.reset()
            with pytest.raises(error):
                upload_by_ticket(server, status=status)


def client_with_ticket(changes: dict, base_url: str = BASE) -> SyncClient:
    """Return a client that is told this ticket and whose store would take everything."""

    def handler(request):
        return httpx.Response(200, content=json.dumps(ticket(**changes)))

    return wavespeed(handler, base_url=base_url)


def test_an_encrypted_address_of_another_host_is_trusted():
    assert client_with_ticket({}).upload("a.png", PICTURE, "image/png") == MEDIA


def test_a_ticket_with_a_private_or_invalid_address_is_refused():
    address_cases = [
        "http://store.example.test/put",
        "http://127.0.0.1/put",
        "https://127.0.0.1/put",
        "https://localhost/put",
        "https://169.254.169.254/latest",
        "https://10.0.0.1/put",
        "https://[::1]/put",
        "https://user:pw@store.example.test/put",
        "ftp://store.example.test/put",
        "file:///etc/passwd",
        "//store.example.test/put",
        "/put",
        "https://",
        "https://x:99999/put",
        "https://x\ud800/put",
        "",
        None,
        7,
        "https://store.example.test/" + "a" * 5000,
    ]
    for name in ["url", "download_url"]:
        for address in address_cases:
            with case((name, address)), pytest.raises(Refused, match="do not trust"):
                client_with_ticket({name: address}).upload("a.png", PICTURE, "image/png")


def test_an_unencrypted_upload_to_another_machine_is_refused():
    cases = [
        ("https://127.0.0.1:8000", "http://127.0.0.1:8000/put"),
        ("http://127.0.0.1:8000", "http://127.0.0.2:8000/put"),
        ("http://vendor.example.test", "http://vendor.example.test/put"),
        ("http://10.0.0.1", "http://10.0.0.1/put"),
    ]
    for base, address in cases:
        with case((base, address)), pytest.raises(Refused, match="do not trust"):
            client_with_ticket({"url": address}, base).upload("a.png", PICTURE, "image/png")


def test_an_unencrypted_upload_to_this_machine_is_allowed():
    for base in ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"]:
        with case(base):
            place = {"url": f"{base}/put", "download_url": f"{base}/u/a.png"}
            uploaded = client_with_ticket(place, base).upload("a.png", PICTURE, "image/png")
            assert uploaded == f"{base}/u/a.png"


def test_a_ticket_for_another_method_is_refused():
    for method in ["POST", "put", None, 5]:
        with case(method), pytest.raises(Refused, match="in a way we do not know"):
            client_with_ticket({"method": method}).upload("a.png", PICTURE, "image/png")


def test_a_header_that_cannot_be_sent_is_refused_and_not_left_out():
    for headers in [{"a b": "x"}, {"": "x"}, {"x": 5}, {"x": "a\r\nb: c"}, {"x": "ünï"}]:
        with case(headers), pytest.raises(Refused, match="header"):
            client_with_ticket({"headers": headers}).upload("a.png", PICTURE, "image/png")


def test_an_answer_without_a_ticket_is_tried_later():
    for body in [envelope(None), envelope({}), envelope({"upload": None}), [], None]:
        with case(body), pytest.raises(TryLater):
            client_answered(json=body).upload("a.png", PICTURE, "image/png")


def test_a_failed_ticket_request_is_refused_or_tried_later():
    for status, error in [(400, Refused), (401, Refused), (429, TryLater), (500, TryLater)]:
        with case((status, error)), pytest.raises(error):
            client_answered(status).upload("a.png", PICTURE, "image/png")


def test_a_broken_upload_is_tried_later():
    def fail_at_the_store(request, error):
        if request.method == "POST":
            return httpx.Response(200, json=ticket())
        raise error("gone", request=request)

    for error in (httpx.ConnectError, httpx.ReadTimeout):
        with case(error):
            with pytest.raises(TryLater):
                client_failing(error).upload("a.png", PICTURE, "image/png")
            client = wavespeed(partial(fail_at_the_store, error=error))
            with pytest.raises(TryLater, match="store"):
                client.upload("a.png", PICTURE, "image/png")


# --- whatever comes -------------------------------------------------------------------------------

VERBS = [
    ("balance", ()),
    ("price", ({},)),
    ("webhook_secret", ()),
    ("delete_jobs", (["a"],)),
    ("upload", ("a.png", PICTURE, "image/png")),
]


@given(status=st.integers(200, 599), body=BODIES, verb=st.sampled_from(VERBS))
def test_a_random_answer_to_any_request_is_parsed_or_a_vendor_error(status, body, verb):
    name, arguments = verb
    try:
        said = getattr(client_answered(status, content=body), name)(*arguments)
    except VendorError:
        return
    assert said is None or isinstance(said, Decimal | str | int)
