"""What an account can be asked beside orders: money, its hooks' secret, uploads, deletions, a stop."""

import json
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vendors.errors import Refused, TryLater, Unsure, VendorError
from apps.vendors.types import StopResult
from tests.vendors.wavespeed.stage import (
    BASE,
    BODIES,
    KEY,
    MODEL,
    Called,
    answering,
    failing,
    wavespeed,
    wrapped,
)

# --- money --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "left"),
    [
        ({"balance": 12.34}, "12.34"),
        ({"balance": 0}, "0"),
        ({"balance": -0.5}, "-0.5"),
        ({"balance": "7.10"}, "7.10"),
        ({"balance": 3, "currency": "usd"}, "3"),
        ({"balance": 3, "currency": None}, "3"),
    ],
)
@pytest.mark.parametrize("wrap", [wrapped, lambda data: data])
def test_a_balance_is_read_as_it_is_written(data, left, wrap):
    assert answering(json=wrap(data)).balance() == Decimal(left)


@pytest.mark.parametrize(
    "data",
    [
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
    ],
)
def test_a_balance_that_is_none_is_unknown(data):
    assert answering(json=wrapped(data)).balance() is None


@pytest.mark.parametrize(
    ("data", "costs"),
    [
        ({"price": 0.48, "discounted_price": 0.36, "discount_rate": 25, "currency": "USD"}, "0.36"),
        ({"price": 0.48, "discounted_price": 0.48}, "0.48"),
        ({"price": 0.48, "discounted_price": 0}, "0.48"),
        ({"price": 0.48, "discounted_price": None}, "0.48"),
        ({"price": 0.48, "discounted_price": 0.6}, "0.48"),
        ({"price": 0.48}, "0.48"),
        ({"unit_price": 0.15, "currency": "USD"}, "0.15"),
    ],
)
def test_a_price_is_the_one_that_will_be_charged(data, costs):
    assert answering(json=wrapped(data)).price({}) == Decimal(costs)


@pytest.mark.parametrize(
    "data", [{}, {"price": 0}, {"price": -1}, {"price": "?"}, {"price": 1, "currency": "CNY"}]
)
def test_a_price_that_is_none_is_unknown_and_never_free(data):
    assert answering(json=wrapped(data)).price({}) is None


def test_a_price_is_asked_for_exactly_these_parameters(stage):
    stage.play = lambda heard: (200, wrapped({"price": 0.5}))
    stage.client(schema_version="3").price({"resolution": "720p"})
    [heard] = stage.heard
    assert (heard.method, heard.path) == ("POST", "/api/v3/model/price")
    assert heard.json == {"model_id": MODEL, "inputs": {"resolution": "720p", "motion": "low"}}


def test_the_price_of_a_setting_nobody_has_is_not_asked_for(stage):
    with pytest.raises(Refused, match="no parameter called “seed”"):
        stage.client(schema_version="3").price({"seed": 1})
    assert stage.heard == []


ASKED_AGAIN = pytest.mark.parametrize(
    ("verb", "arguments"), [("balance", ()), ("price", ({},)), ("webhook_secret", ())]
)


@ASKED_AGAIN
@pytest.mark.parametrize(
    "vendor",
    [
        *(answering(status) for status in (408, 429, 500, 503)),
        *(answering(content=body) for body in (b"", b"<html>", b'"x"', b"[]", b"[" * 100_000)),
        *(failing(error) for error in (httpx.ConnectError, httpx.ReadTimeout)),
    ],
)
def test_a_question_about_the_account_is_asked_later_where_no_answer_comes(vendor, verb, arguments):
    with pytest.raises(TryLater):
        getattr(vendor, verb)(*arguments)


@ASKED_AGAIN
@pytest.mark.parametrize("status", [401, 403])
def test_a_question_about_the_account_is_refused_where_the_vendor_says_no(status, verb, arguments):
    with pytest.raises(Refused):
        getattr(answering(status), verb)(*arguments)


# --- the secret of the hooks --------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [wrapped, lambda data: data])
def test_the_secret_of_the_hooks_comes_wrapped_or_bare(wrap, caplog):
    caplog.set_level("DEBUG")
    assert answering(json=wrap({"secret": "whsec_abc"})).webhook_secret() == "whsec_abc"
    assert "whsec_abc" not in caplog.text


@pytest.mark.parametrize("secret", [None, "", 7, "with space", "ünï", "a\x00", "s" * 501])
def test_a_secret_that_is_none_is_none(secret):
    assert answering(json=wrapped({"secret": secret})).webhook_secret() == ""


def test_a_vendor_that_signs_no_hooks_has_no_secret():
    assert answering(404).webhook_secret() == ""


# --- deleting and stopping ----------------------------------------------------------------------------------


def test_jobs_are_deleted_a_hundred_at_a_time(stage):
    stage.play = lambda heard: (200, wrapped({"deleted_count": len(heard.json["ids"])}))
    assert stage.client().delete_jobs([f"job-{number}" for number in range(250)]) == 250
    assert stage.paths() == ["POST /api/v3/predictions/delete"] * 3
    assert [len(heard.json["ids"]) for heard in stage.heard] == [100, 100, 50]


def test_nothing_to_delete_asks_nothing(stage):
    assert stage.client().delete_jobs([]) == 0
    assert stage.heard == []


@pytest.mark.parametrize(
    ("count", "told"), [(1, 1), (0, 0), (-3, 0), (99, 2), (None, 0), ("2", 0), (True, 0), (1.0, 0)]
)
def test_of_deletions_only_what_can_be_true_is_told(count, told):
    assert answering(json=wrapped({"deleted_count": count})).delete_jobs(["a", "b"]) == told


@pytest.mark.parametrize(
    ("vendor", "error"),
    [
        (failing(httpx.ConnectError), TryLater),
        (failing(httpx.ReadTimeout), Unsure),
        (answering(500), Unsure),
        (answering(429), TryLater),
        (answering(403), Refused),
        (answering(json={"code": 500, "message": "x", "data": None}), Unsure),
    ],
)
def test_a_deletion_that_fails_says_what_is_known(vendor, error):
    with pytest.raises(error):
        vendor.delete_jobs(["a"])


def test_a_job_cannot_be_stopped_and_nothing_is_asked(stage):
    assert stage.client().stop("job-1") is StopResult.UNSUPPORTED
    assert stage.heard == []


# --- uploads ------------------------------------------------------------------------------------------------

PICTURE = b"\x89PNG and so on"
STORE = "https://store.example.test/put/ab12?sig=a%2Fb&x=1"
MEDIA = "https://media.example.test/u/ab12/harbour.png"


def ticket(url=STORE, download_url=MEDIA, **upload) -> dict:
    place = {"method": "PUT", "url": url, "headers": {"Content-Type": "image/png"}} | upload
    return wrapped({"type": "image", "download_url": download_url, "upload": place})


def uploading(stage, *, status: int = 200, headers=None, **changes):
    """Play both parts: the desk that writes tickets and the store."""
    place = {"url": f"{stage.url}/put/ab12?sig=a%2Fb", "download_url": f"{stage.url}/u/harbour.png"}
    written = (
        ticket(**place | changes) if headers is None else ticket(**place | changes, headers=headers)
    )
    stage.play = lambda heard: (200, written) if heard.method == "POST" else (status, b"")
    return stage.client().upload("harbour.png", PICTURE, "image/png")


def test_a_picture_goes_to_the_place_on_the_ticket_and_gets_its_address(stage):
    assert (
        uploading(stage, headers={"Content-Type": "image/png", "X-Sig": "s1"})
        == f"{stage.url}/u/harbour.png"
    )
    desk, store = stage.heard
    assert (desk.method, desk.path) == ("POST", "/api/v3/media/uploads")
    assert desk.json == {
        "filename": "harbour.png",
        "size": len(PICTURE),
        "content_type": "image/png",
    }
    assert desk.headers["authorization"] == f"Bearer {KEY}"
    assert (store.method, store.path, store.query) == ("PUT", "/put/ab12", {"sig": ["a/b"]})
    assert store.body == PICTURE


def test_the_store_hears_the_tickets_headers_and_never_our_key(stage):
    uploading(stage, headers={"Content-Type": "image/webp", "X-Sig": "s1"})
    headers = stage.heard[1].headers
    assert (headers["content-type"], headers["x-sig"]) == ("image/webp", "s1")
    assert "authorization" not in headers
    assert KEY not in repr(stage.heard[1])


def test_a_type_the_ticket_does_not_name_is_not_made_up(stage):
    uploading(stage, headers={})
    assert "content-type" not in stage.heard[1].headers


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_yes_of_the_store_is_a_yes(stage, status):
    assert uploading(stage, status=status)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_the_store_is_not_followed(stage, status):
    with pytest.raises(Refused, match="does not take the file"):
        uploading(stage, status=status)
    assert len(stage.heard) == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, Refused), (413, Refused), (408, TryLater), (429, TryLater), (503, TryLater)],
)
def test_a_store_that_does_not_take_the_file_says_whether_to_come_again(stage, status, error):
    with pytest.raises(error):
        uploading(stage, status=status)


def told(changes: dict, base_url: str = BASE) -> Called:
    """Return a client that is told this ticket and whose store would take everything."""

    def handler(request):
        return httpx.Response(200, content=json.dumps(ticket(**changes)))

    return wavespeed(handler, base_url=base_url)


def test_an_encrypted_address_of_another_host_is_trusted():
    assert told({}).upload("a.png", PICTURE, "image/png") == MEDIA


@pytest.mark.parametrize("name", ["url", "download_url"])
@pytest.mark.parametrize(
    "address",
    [
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
    ],
)
def test_an_address_no_honest_ticket_names_is_refused(name, address):
    with pytest.raises(Refused, match="do not trust"):
        told({name: address}).upload("a.png", PICTURE, "image/png")


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://127.0.0.1:8000", "http://127.0.0.1:8000/put"),
        ("http://127.0.0.1:8000", "http://127.0.0.2:8000/put"),
        ("http://vendor.example.test", "http://vendor.example.test/put"),
        ("http://10.0.0.1", "http://10.0.0.1/put"),
    ],
)
def test_only_on_one_machine_may_an_upload_go_unencrypted(base, address):
    with pytest.raises(Refused, match="do not trust"):
        told({"url": address}, base).upload("a.png", PICTURE, "image/png")


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"]
)
def test_a_sandbox_on_this_machine_may_do_without_encryption(base):
    place = {"url": f"{base}/put", "download_url": f"{base}/u/a.png"}
    assert told(place, base).upload("a.png", PICTURE, "image/png") == f"{base}/u/a.png"


@pytest.mark.parametrize("method", ["POST", "put", None, 5])
def test_a_ticket_for_another_way_is_refused(method):
    with pytest.raises(Refused, match="in a way we do not know"):
        told({"method": method}).upload("a.png", PICTURE, "image/png")


@pytest.mark.parametrize(
    "headers", [{"a b": "x"}, {"": "x"}, {"x": 5}, {"x": "a\r\nb: c"}, {"x": "ünï"}]
)
def test_a_header_that_cannot_be_sent_is_refused_and_not_left_out(headers):
    with pytest.raises(Refused, match="header"):
        told({"headers": headers}).upload("a.png", PICTURE, "image/png")


@pytest.mark.parametrize("body", [wrapped(None), wrapped({}), wrapped({"upload": None}), [], None])
def test_an_answer_without_a_ticket_is_asked_for_later(body):
    with pytest.raises(TryLater):
        answering(json=body).upload("a.png", PICTURE, "image/png")


@pytest.mark.parametrize(
    ("status", "error"), [(400, Refused), (401, Refused), (429, TryLater), (500, TryLater)]
)
def test_an_upload_without_a_ticket_says_whether_to_come_again(status, error):
    with pytest.raises(error):
        answering(status).upload("a.png", PICTURE, "image/png")


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout])
def test_an_upload_that_broke_may_be_repeated(error):
    with pytest.raises(TryLater):
        failing(error).upload("a.png", PICTURE, "image/png")

    def handler(request):
        if request.method == "POST":
            return httpx.Response(200, json=ticket())
        raise error("gone", request=request)

    with pytest.raises(TryLater, match="store"):
        wavespeed(handler).upload("a.png", PICTURE, "image/png")


# --- whatever comes -----------------------------------------------------------------------------------------

VERBS = [
    ("balance", ()),
    ("price", ({},)),
    ("webhook_secret", ()),
    ("delete_jobs", (["a"],)),
    ("upload", ("a.png", PICTURE, "image/png")),
]


@given(status=st.integers(200, 599), body=BODIES, verb=st.sampled_from(VERBS))
def test_any_answer_to_anything_is_read_or_an_error_of_ours(status, body, verb):
    name, arguments = verb
    try:
        said = getattr(answering(status, content=body), name)(*arguments)
    except VendorError:
        return
    assert said is None or isinstance(said, Decimal | str | int)
