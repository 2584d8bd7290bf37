"""Serving a stored file to those who may see it: ranges from local disk, a signed address otherwise.

Django's FileResponse knows no ranges, and without them a browser can't seek (RFC 9110, section 14).
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import IO

from asgiref.sync import sync_to_async
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
from django.utils.http import quote_etag

CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


def serve(request: HttpRequest, name: str, *, content_type: str, etag: str) -> HttpResponseBase:
    """Answer with the stored file `name`, whole or the one range asked for; `etag` names its content."""
    if settings.FILES_ARE_REMOTE:
        return HttpResponseRedirect(default_storage.url(name))
    tag = quote_etag(etag)
    if request.headers.get("If-None-Match") == tag:
        return _dressed(HttpResponseNotModified(), tag)
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        raise Http404(name) from None
    return _dressed(_body(request, file, content_type, tag), tag)


def _body(request: HttpRequest, file: IO[bytes], content_type: str, tag: str) -> HttpResponseBase:
    size = file.size  # type: ignore[attr-defined]  # Django's File
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    span = span_of(wanted, size)
    if span is None:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = span
    response = StreamingHttpResponse(
        _chunks_for(request, file, first, last - first + 1),
        status=206 if wanted and RANGE.match(wanted) else 200,
        content_type=content_type,
        headers={"Content-Length": str(last - first + 1)},
    )
    if response.status_code == 206:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def span_of(header: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte wanted of `size`; None when the range lies outside.

    No header, several ranges or another unit mean the whole file, as RFC 9110 section 14.2 allows.
    """
    match = RANGE.match(header)
    if not match or match.group() == "bytes=-":
        return 0, size - 1
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) and size else None
    if last and int(last) < int(first):
        return 0, size - 1
    if int(first) >= size:
        return None
    return int(first), min(int(last), size - 1) if last else size - 1


def _dressed(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _chunks_for(
    request: HttpRequest, file: IO[bytes], first: int, length: int
) -> Iterator[bytes] | AsyncIterator[bytes]:
    file.seek(first)
    asynchronous = isinstance(request, ASGIRequest)
    return _async_chunks(file, length) if asynchronous else _chunks(file, length)


def _chunks(file: IO[bytes], length: int) -> Iterator[bytes]:
    with file:
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk


async def _async_chunks(file: IO[bytes], length: int) -> AsyncIterator[bytes]:
    chunks = _chunks(file, length)
    try:
        while chunk := await sync_to_async(next, thread_sensitive=False)(chunks, b""):
            yield chunk
    finally:
        chunks.close()  # type: ignore[attr-defined]  # a generator
