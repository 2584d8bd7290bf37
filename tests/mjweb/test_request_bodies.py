import asyncio
import errno
from contextlib import nullcontext

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from mjweb.request_bodies import ANONYMOUS_BYTES, LARGE_BODIES_AT_ONCE, LimitedBodies
from mjweb.request_senders import sender_of
from tests.support.factories import a_user, client_of

LARGEST = 4 * ANONYMOUS_BYTES


async def nobody(_scope):
    return ""


async def somebody(_scope):
    return "user 1"


def answer_to(*pieces: bytes, length: int | None = None, who=nobody):
    """Send a body in pieces; return the status and what the application read before it hung up."""
    headers = [(b"content-length", str(length).encode())] if length is not None else []
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    read, sent = [], []

    async def application(_scope, receive, send):
        for _ in pieces:
            message = await receive()
            if message["type"] == "http.disconnect":
                read.append("hung up")
                return
            read.append(len(message["body"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    bounded = LimitedBodies(application, who=who, largest=LARGEST)
    asyncio.run(bounded({"type": "http", "headers": headers}, receive, send))
    return next((message["status"] for message in sent if "status" in message), None), read


def test_a_form_passes_and_nobody_is_asked_who_they_are():
    async def must_not_be_asked(_scope):
        raise AssertionError

    assert answer_to(b"x" * 1000, length=1000, who=must_not_be_asked) == (200, [1000])


def test_a_stranger_who_says_how_much_is_coming_is_refused_unread():
    assert answer_to(b"x", length=ANONYMOUS_BYTES + 1) == (413, [])


def test_a_stranger_who_does_not_say_is_hung_up_on():
    half = b"x" * (ANONYMOUS_BYTES // 2 + 1)
    assert answer_to(half, half) == (None, [len(half), "hung up"])


@pytest.mark.parametrize(("length", "status"), [(LARGEST, 200), (LARGEST + 1, 413), (10**30, 413)])
def test_somebody_we_know_may_send_pictures_up_to_the_limit(length, status):
    assert answer_to(b"x", who=somebody, length=length)[0] == status


def test_somebody_we_know_who_does_not_say_is_hung_up_on_at_the_limit():
    piece = b"x" * ANONYMOUS_BYTES
    assert answer_to(*[piece] * 5, who=somebody) == (None, [ANONYMOUS_BYTES] * 4 + ["hung up"])


def test_nobody_sends_more_than_a_few_large_bodies_at_once():
    statuses = []

    async def application(_scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        if "status" in message:
            statuses.append(message["status"])

    async def go() -> None:
        released = asyncio.Event()

        async def receive():
            await released.wait()
            return {"type": "http.request", "body": b"x"}

        bounded = LimitedBodies(application, who=somebody, largest=LARGEST)
        scope = {"type": "http", "headers": [(b"content-length", str(LARGEST).encode())]}
        at_it = [
            asyncio.ensure_future(bounded(scope, receive, send))
            for _ in range(LARGE_BODIES_AT_ONCE)
        ]
        await asyncio.sleep(0)
        await bounded(scope, receive, send)
        assert statuses == [429]
        released.set()
        await asyncio.gather(*at_it)
        await bounded(scope, receive, send)

    asyncio.run(go())
    assert statuses == [429] + [200] * (LARGE_BODIES_AT_ONCE + 1)


def sender_by_cookie(cookie: str) -> str:
    return async_to_sync(sender_of)({"headers": [(b"cookie", cookie.encode())]})


@pytest.mark.django_db
def test_only_a_session_of_somebody_signed_in_makes_somebody_known():
    user, name = a_user(), settings.SESSION_COOKIE_NAME
    signed_in = client_of(user).cookies[name].value
    empty = SessionStore()
    empty["seen"] = True
    empty.create()
    assert sender_by_cookie(f"a=b; {name}={signed_in}") == f"user {user.pk}"
    for cookie in (
        "",
        f"{name}=",
        f"{name}=invented",
        f"{name}={empty.session_key}",
        f"x{name}={signed_in}",
    ):
        assert sender_by_cookie(cookie) == ""


@pytest.mark.django_db
def test_whoever_shows_a_token_is_not_known_by_a_cookie_beside_it():
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client_of(a_user()).cookies[name].value}".encode()
    headers = [(b"cookie", cookie), (b"authorization", b"Bearer invented")]
    assert async_to_sync(sender_of)({"headers": headers}) == ""


@pytest.mark.django_db
def test_a_session_ends_with_the_password_and_with_the_person():
    user = a_user()
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client_of(user).cookies[name].value}"
    user.is_active = False
    user.save()
    assert sender_by_cookie(cookie) == ""
    user.is_active = True
    user.save()
    assert sender_by_cookie(cookie) == f"user {user.pk}"
    user.set_password("another long password")
    user.save()
    assert sender_by_cookie(cookie) == ""


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_body_that_finds_no_room_on_the_disk_is_told_so_unless_the_answer_has_begun(has_begun):
    sent = []

    async def application(_scope, _receive, send):
        if has_begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise OSError(errno.ENOSPC, "No space left on device")

    async def send(message):
        sent.append(message)

    bounded = LimitedBodies(application, who=nobody, largest=LARGEST)
    with pytest.raises(OSError) if has_begun else nullcontext():
        asyncio.run(bounded({"type": "http", "headers": []}, None, send))
    assert sent[0]["status"] == (200 if has_begun else 507)
