"""Whatever somebody sends to whichever address is answered, and nothing typed is lost.

Names and addresses are found by looking: a new form is fuzzed without being mentioned here. A
longer search: MJWEB_FUZZ=500.
"""

import os
from html import unescape

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.architecture.forms import (
    TYPED,
    every_address_posted_to,
    names_in_use,
    queries_in_use,
    sheets_of,
)
from tests.architecture.world import form_data, pages_read_by
from tests.support.answers import put_away

FORM = "application/x-www-form-urlencoded"
NAMES, QUERIES = names_in_use(), queries_in_use()
pytestmark = [
    pytest.mark.xdist_group("world of wild_forms"),
    pytest.mark.proof,
    pytest.mark.django_db,
]

searching = settings(
    max_examples=int(os.environ.get("MJWEB_FUZZ", "3")),
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
HARD = [
    "", " ", "\x00", "a\x00b", "\x1b[31m", "\x7f", "\u202eabc", "שלום עולם", "مرحبا",
    "👩‍👩‍👧‍👦" * 40, "\ufeff",
    "\u2028", "e\u0301" * 50, "ﷺ" * 100, "x" * 5000, "'; DROP TABLE jobs; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "{% load x %}", "{subject", "{a=}", "{{}}", "--ar 16:9", "%s%n%(x)s", "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "0", "-1", "-0", "1e400", "NaN", "sNaN", "Infinity", "-Infinity", "1_000", "٣", "²", "½",
    "0x10", "1" * 400,
    "99999999999999999999", "9223372036854775807", "9223372036854775808", "1e-400",
    "0.00000000001", "1,5", "None",
    "0000-00-00", "9999-12-31", "10000-01-01", "0001-01-01", "2026-02-30", "-2026-01-01",
    "1970-01", "9000-12",
    "[]", "{}", "null", "true", "yes", "no", "on", "00000000-0000-0000-0000-000000000000",
    "not-a-uuid",
    "\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe", b"\xc0\x80",
]  # fmt: skip
# What has broken readers of numbers, dates and keys: each of them is tried in every field, every
# time.
TRICKY = [
    "²", "٣", "-1", "1e400", "NaN", "1" * 400, "9223372036854775808", "a\x00b", "9999-12-31",
    "10000-01", "0001-01",
    "2026-13", "00000000-0000-0000-0000-000000000000", "{}", b"\xed\xa0\x80", "project:²",
    "person:" + "9" * 30,
]  # fmt: skip
wild = st.one_of(
    st.sampled_from(HARD), st.text(max_size=60), st.integers().map(str), st.floats().map(str)
)


def known_ids(world) -> list[str]:
    """Numbers that mean something: ours and other people's."""
    found = []
    for side in (world.ours, world.theirs):
        rows = [vars(side.belongings)[name] for name in vars(side.belongings)]
        for row in [*rows, side.team, side.people["viewer"]]:
            found += [
                str(row.pk),
                str(getattr(row, "public_id", row.pk)),
                f"person:{row.pk}",
                f"project:{row.pk}",
            ]
    return found


@pytest.fixture
def sheets(world):
    """Give the forms that the pages show."""
    return sheets_of(world)


def send_and_undo(send):
    """Send something, and put back what came of it."""
    point = transaction.savepoint()
    try:
        response = send()
        if not response.streaming:
            return response.status_code, response.content
        if "event-stream" not in response["Content-Type"]:
            b"".join(response.streaming_content)
        put_away(response)
        return response.status_code, b""
    finally:
        transaction.savepoint_rollback(point)


def form_body(pairs) -> str:
    """The body of a form, with bytes that are no text as they are."""
    return "&".join(
        form_data([(n, v)]) if isinstance(v, str) else form_data([(n, "X")])[:-1] + _raw(v)
        for n, v in pairs
    )


def _raw(value: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in value)


def encodable(value):
    return (
        value
        if isinstance(value, bytes)
        else value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    )


@pytest.mark.parametrize("name", every_address_posted_to())
def test_no_form_makes_an_address_stumble(world, sheets, name):
    browser, address, ids = world.browser("owner"), world.way(name), known_ids(world)
    begin = list(sheets.values_of(name).items())
    fields = sorted({*NAMES, *dict(begin)})
    values = st.one_of(wild, st.sampled_from(ids)).map(encodable)
    forms = st.lists(st.tuples(st.sampled_from(sorted(dict(begin)) or fields), values), max_size=4)
    further = st.lists(st.tuples(st.sampled_from(fields), values), max_size=6)

    @searching
    @given(
        forms,
        further,
        st.booleans(),
        st.sampled_from([{}, {"HX-Request": "true", "HX-Target": "form"}]),
    )
    def post(changed, more, from_the_page, headers):
        kept = [pair for pair in begin if pair[0] not in dict(changed)] if from_the_page else []
        body = form_body([*kept, *changed, *more])
        status, _page = send_and_undo(
            lambda: browser.post(address, body, content_type=FORM, headers=headers)
        )
        assert status < 500

    post()


@pytest.mark.parametrize("name", every_address_posted_to())
def test_no_field_of_an_address_takes_a_tricky_value_ill(world, sheets, name):
    browser, address = world.browser("owner"), world.way(name)
    fields = sorted({*NAMES, *sheets.values_of(name)})
    for value in TRICKY:
        body = form_body([(field, value) for field in fields])
        status, _page = send_and_undo(lambda b=body: browser.post(address, b, content_type=FORM))
        assert status < 500, value


@pytest.mark.parametrize("name", pages_read_by("owner"))
def test_no_filter_of_a_page_takes_a_tricky_value_ill(world, name, monkeypatch):
    browser, address, read = world.browser("owner"), world.way(name), set()
    get, getlist = QueryDict.get, QueryDict.getlist
    with monkeypatch.context() as patch:
        patch.setattr(
            QueryDict,
            "get",
            lambda self, key, default=None: read.add(key) or get(self, key, default),
        )
        patch.setattr(QueryDict, "getlist", lambda self, key: read.add(key) or getlist(self, key))
        send_and_undo(lambda: browser.get(address))
    for value in TRICKY if read & set(QUERIES) else ():
        query = form_body([(field, value) for field in QUERIES])
        status, _page = send_and_undo(lambda q=query: browser.get(f"{address}?{q}"))
        assert status < 500, value


@pytest.mark.parametrize("name", every_address_posted_to())
def test_no_kind_of_body_makes_an_address_stumble(world, name):
    browser, address = world.browser("owner"), world.way(name)
    bodies = [
        (b'{"name": [1, {"a": null}]}', "application/json"),
        (b"\x00\xff\xfe", "application/octet-stream"),
        (
            b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nabc',
            "multipart/form-data; boundary=x",
        ),
        (b"no boundary", "multipart/form-data"),
        (b"&&==&;;%zz%", FORM),
        (b"", ""),
    ]
    for body, content_type in bodies:
        status, _page = send_and_undo(
            lambda b=body, c=content_type: browser.generic("POST", address, b, c)
        )
        assert status < 500, content_type


@pytest.mark.parametrize("name", pages_read_by("owner"))
def test_no_address_makes_a_page_stumble(world, name):
    browser, address, ids = world.browser("owner"), world.way(name), known_ids(world)
    values = st.one_of(wild, st.sampled_from(ids)).map(encodable)

    @searching
    @given(st.lists(st.tuples(st.sampled_from(QUERIES), values), max_size=8))
    def ask(pairs):
        status, _page = send_and_undo(lambda: browser.get(f"{address}?{form_body(pairs)}"))
        assert status < 500

    ask()


def test_what_was_typed_is_still_there_when_a_form_comes_back(world, sheets):
    """Every field of every form that can be typed in, with a letter in it that no text may have."""
    browser, tried = world.browser("owner"), 0
    for name in every_address_posted_to():
        fields = sheets.fields_of(name)
        typed = {
            field: f"typed in {field} <&>"
            for field, (kind, _value) in fields.items()
            if kind in TYPED
        }
        if not typed:
            continue
        sent = sheets.values_of(name) | {field: f"{words}\x00" for field, words in typed.items()}
        status, page = send_and_undo(lambda n=name, s=sent: browser.post(world.way(n), s))
        assert status in {200, 422}, name
        text, tried = unescape(page.decode()), tried + 1
        assert not [words for words in typed.values() if words not in text], name
    assert tried >= 5


def test_a_stranger_who_types_anything_at_the_sign_in_gets_an_answer(world):
    @searching
    @given(
        st.dictionaries(
            st.sampled_from(["login", "password", "remember", "next"]), wild.map(encodable)
        )
    )
    def type_at_the_sign_in(form):
        client = Client()
        status, _page = send_and_undo(
            lambda: client.post("/accounts/login/", form_body(form.items()), content_type=FORM)
        )
        assert status < 500

    type_at_the_sign_in()
