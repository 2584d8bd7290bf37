"""Serving a stored file to those who may see it: ranges from local disk, a signed address otherwise.

Django's FileResponse knows no ranges, and without them a browser can't seek (RFC 9110, section 14).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Generator, Iterator

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import parse_etags, quote_etag

CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z")


class Outside(ValueError):
    """No byte of the file lies in the range asked for."""


def serve(request: HttpRequest, name: str, *, content_type: str, etag: str) -> HttpResponseBase:
    """Answer with the stored file `name`, whole or the one range asked for; `etag` names its content."""
    if settings.FILES_ARE_REMOTE:
        return HttpResponseRedirect(default_storage.url(name))
    tag = quote_etag(etag)
    response = HttpResponseNotModified() if _is_known(request, tag) else _answer(request, name, tag)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if response.status_code in {200, 206}:
        response["Content-Type"] = content_type
    return response


def _is_known(request: HttpRequest, tag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or tag in {one.removeprefix("W/") for one in known}


def _answer(request: HttpRequest, name: str, tag: str) -> HttpResponseBase:
    try:
        size = default_storage.size(name)
    except FileNotFoundError:
        raise Http404(name) from None
    if request.method == "HEAD":  # which takes no ranges (RFC 9110, section 14.2)
        return HttpResponse(headers={"Content-Length": str(size)})
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    try:
        span = span_of(wanted, size)
    except Outside:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = span or (0, size - 1)
    response = StreamingHttpResponse(
        streamable(request, _chunks(name, first, last - first + 1)),
        status=206 if span else 200,
        headers={"Content-Length": str(last - first + 1)},
    )
    if span:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def span_of(header: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte wanted of `size`, or None for the whole file; raise Outside.

    No header, several ranges, another unit or nonsense mean the whole file (RFC 9110, section 14.2).
    """
    match = RANGE.match(header)
    if not match or match.group() == "bytes=-":
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    if start >= size:
        raise Outside(header)
    return start, min(int(last), size - 1) if first and last else size - 1


def streamable(
    request: HttpRequest, chunks: Generator[bytes, None, None]
) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Return chunks as this server streams them: each made when it is asked for, and in a thread on ASGI."""
    return _in_a_thread(chunks) if isinstance(request, ASGIRequest) else chunks


def _chunks(name: str, first: int, length: int) -> Generator[bytes, None, None]:
    """Open the file with the first chunk: a browser that has gone away leaves nothing open."""
    with default_storage.open(name) as file:
        file.seek(first)
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk


async def _in_a_thread(chunks: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    """Read each chunk in a thread; a browser may go away in the middle of one, which is then read to its end."""
    reading: asyncio.Future[bytes] | None = None
    try:
        while True:
            reading = asyncio.ensure_future(asyncio.to_thread(next, chunks, b""))
            if not (chunk := await asyncio.shield(reading)):
                return
            yield chunk
    finally:
        if reading and not reading.done():
            reading.add_done_callback(lambda _: chunks.close())
        else:
            chunks.close()
