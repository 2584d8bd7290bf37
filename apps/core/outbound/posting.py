"""POST to an address that somebody else wrote: bounded in size and time, without redirects."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from apps.core.outbound.dialling import Dialler
from apps.core.outbound.downloading import connection_error
from apps.core.outbound.errors import FetchRefused, FetchTryLater
from apps.core.outbound.transport import client, timeout_until
from apps.core.outbound.urls import parse_url

MAX_ANSWER_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class PostResult:
    """The answer to a POST: its status, and the beginning of its text."""

    status: int
    text: str

    @property
    def is_success(self) -> bool:
        """Tell whether the request was accepted; a redirect is no success."""
        return 200 <= self.status < 300


def post(
    url: str,
    content: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10.0,
    allow_private: bool = False,
    dialler: Dialler | None = None,
) -> PostResult:
    """Send `content` once and return the answer; `timeout` bounds the whole exchange.

    Raises FetchRefused where nothing was sent or ever will be, FetchTryLater where it may have
    arrived.
    """
    deadline = time.monotonic() + timeout
    target = parse_url(url, allow_private=allow_private)
    with client(deadline=deadline, allow_private=allow_private, dialler=dialler) as http:
        try:
            request = http.build_request(
                "POST",
                target,
                content=content,
                headers=headers,
                timeout=timeout_until(deadline, target.host),
            )
            response = http.send(request, stream=True)
        except (httpx.LocalProtocolError, ValueError) as error:
            raise FetchRefused("A header contains characters that can't be sent.") from error
        except httpx.RequestError as error:
            raise connection_error(target.host, error) from error
        try:
            return PostResult(status=response.status_code, text=_read_start(response, deadline))
        except httpx.RequestError as error:
            raise FetchTryLater(f"{target.host} closed the connection early.") from error
        finally:
            response.close()


def _read_start(response: httpx.Response, deadline: float) -> str:
    """Read no more of an answer than a person will look at."""
    raw = bytearray()
    for piece in response.iter_raw():
        raw += piece
        if len(raw) >= MAX_ANSWER_BYTES or time.monotonic() > deadline:
            break
    return raw[:MAX_ANSWER_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd")
