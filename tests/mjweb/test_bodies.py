import asyncio

import pytest

from mjweb.bodies import STRANGERS, BoundedBodies

LARGEST = 4 * STRANGERS


def answer_to(*pieces: bytes, cookie: bytes = b"", length: int | None = None):
    """Send a body in pieces; return the status and what the application read before it hung up."""
    headers = [(b"cookie", cookie)] + (
        [(b"content-length", str(length).encode())] if length is not None else []
    )
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

    bounded = BoundedBodies(application, session_cookie="mjweb_session", largest=LARGEST)
    asyncio.run(bounded({"type": "http", "headers": headers}, receive, send))
    return next((message["status"] for message in sent if "status" in message), None), read


def test_a_form_passes():
    assert answer_to(b"x" * 1000, length=1000) == (200, [1000])


def test_a_stranger_who_says_how_much_is_coming_is_refused_unread():
    assert answer_to(b"x", length=STRANGERS + 1) == (413, [])


def test_a_stranger_who_does_not_say_is_hung_up_on():
    half = b"x" * (STRANGERS // 2 + 1)
    assert answer_to(half, half) == (None, [len(half), "hung up"])


@pytest.mark.parametrize(("length", "status"), [(LARGEST, 200), (LARGEST + 1, 413)])
def test_somebody_with_a_session_may_send_pictures_up_to_the_limit(length, status):
    assert answer_to(b"x", cookie=b"a=b; mjweb_session=abc", length=length)[0] == status
