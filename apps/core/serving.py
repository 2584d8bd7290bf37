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
from django.utils.http import content_disposition_header, parse_etags, quote_etag

from apps.core.names import file_name

CHUNK = 256 * 1024
# What we have drawn ourselves may be looked at where it lies; everything else is only ever saved.
SHOWN = frozenset({"image/jpeg", "image/webp", "video/mp4"})
SIGNED_FOR = 15 * 60  # seconds that a storage's own address works: a player may pause for a while
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z")


class Outside(ValueError):
    """No byte of the file lies in the range asked for."""


def serve(
    request: HttpRequest,
    name: str,
    *,
    content_type: str,
    etag: str,
    called: str = "",
    saved: bool = False,
) -> HttpResponseBase:
    """Answer with the stored file `name`, whole or the one range asked for; `etag` names its content.

    `called` is what it is called on a disk. It is shown in place if it is of a kind that only we
    make and nobody asked to have it `saved`; any other file is an attachment of no type at all.
    """
    shown = content_type in SHOWN
    kind = content_type if shown else "application/octet-stream"
    disposition = disposition_of(called or name, saved=saved or not shown)
    if settings.FILES_ARE_REMOTE:
        return _elsewhere(name, kind, disposition)
    tag = quote_etag(etag)
    response = HttpResponseNotModified() if _is_known(request, tag) else _answer(request, name, tag)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = ALONE
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if response.status_code in {200, 206}:
        response["Content-Type"] = kind
        response["Content-Disposition"] = disposition
    return response


ALONE = "default-src 'none'; frame-ancestors 'none'; sandbox"


def disposition_of(name: str, *, saved: bool) -> str:
    """Return a Content-Disposition header (RFC 6266) with a name that no header and no disk stumbles over."""
    return content_disposition_header(saved, file_name(name)) or "inline"


def _elsewhere(name: str, kind: str, disposition: str) -> HttpResponseBase:
    """Lead to the storage's own address: signed, soon useless, and saying itself what the file is."""
    said = {"ResponseContentType": kind, "ResponseContentDisposition": disposition}
    where = default_storage.url(name, parameters=said, expire=SIGNED_FOR)  # type: ignore[call-arg]  # as S3Storage has it
    return HttpResponseRedirect(where, headers={"Cache-Control": "private, no-store"})


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

    No header, several ranges, another unit or nonsense mean the whole file (RFC 9110, section
    14.2).
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
