"""Serve a stored file: byte ranges from local disk, or a redirect to a signed storage URL.

Django's FileResponse knows no ranges, and a browser can't seek without them (RFC 9110, section 14).
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

CHUNK_BYTES = 256 * 1024
# A browser may display what we rendered ourselves; every other file can only be downloaded.
INLINE_TYPES = frozenset({"image/jpeg", "image/webp", "video/mp4"})
SIGNED_URL_SECONDS = 15 * 60  # a player may pause for a while
FILE_CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z")


class RangeNotSatisfiable(ValueError):
    """The file has no byte in the requested range."""


def serve(
    request: HttpRequest,
    name: str,
    *,
    content_type: str,
    etag: str,
    download_name: str = "",
    as_attachment: bool = False,
) -> HttpResponseBase:
    """Answer with the stored file `name`, whole or in one range; `etag` identifies its content.

    The browser displays a file of our own types unless it is asked for `as_attachment`. Any other
    file is an attachment without a type.
    """
    is_ours = content_type in INLINE_TYPES
    kind = content_type if is_ours else "application/octet-stream"
    disposition = content_disposition(
        download_name or name, as_attachment=as_attachment or not is_ours
    )
    if settings.FILES_ARE_REMOTE:
        return _redirect_to_storage(name, kind, disposition)
    tag = quote_etag(etag)
    response = (
        HttpResponseNotModified() if _is_cached(request, tag) else _answer(request, name, tag)
    )
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = FILE_CSP
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if response.status_code in {200, 206}:
        response["Content-Type"] = kind
        response["Content-Disposition"] = disposition
    return response


def content_disposition(name: str, *, as_attachment: bool) -> str:
    """Return a Content-Disposition header (RFC 6266) with a name safe for headers and disks."""
    return content_disposition_header(as_attachment, file_name(name)) or "inline"


def _redirect_to_storage(name: str, kind: str, disposition: str) -> HttpResponseBase:
    """Redirect to the storage's signed URL, which expires soon and states the file's type."""
    headers = {"ResponseContentType": kind, "ResponseContentDisposition": disposition}
    url = default_storage.url(  # type: ignore[call-arg]  # S3Storage takes both arguments
        name, parameters=headers, expire=SIGNED_URL_SECONDS
    )
    return HttpResponseRedirect(url, headers={"Cache-Control": "private, no-store"})


def _is_cached(request: HttpRequest, tag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or tag in {one.removeprefix("W/") for one in known}


def _answer(request: HttpRequest, name: str, tag: str) -> HttpResponseBase:
    try:
        size = default_storage.size(name)
    except FileNotFoundError:
        raise Http404(name) from None
    if request.method == "HEAD":  # ranges are defined for GET only (RFC 9110, section 14.2)
        return HttpResponse(headers={"Content-Length": str(size)})
    is_unchanged = request.headers.get("If-Range", tag) == tag
    header = request.headers.get("Range", "") if is_unchanged else ""
    try:
        span = parse_range(header, size)
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = span or (0, size - 1)
    response = StreamingHttpResponse(
        stream_chunks(request, _chunks(name, first, last - first + 1)),
        status=206 if span else 200,
        headers={"Content-Length": str(last - first + 1)},
    )
    if span:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last requested byte, or None for the whole file.

    No header, several ranges, another unit or nonsense mean the whole file (RFC 9110, section
    14.2). Raises RangeNotSatisfiable.
    """
    match = RANGE.match(header)
    if not match or match.group() == "bytes=-":
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    if start >= size:
        raise RangeNotSatisfiable(header)
    end = min(int(last), size - 1) if first and last else size - 1
    return start, end


def stream_chunks(
    request: HttpRequest, chunks: Generator[bytes, None, None]
) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Return chunks in the form this server streams: on ASGI, each is made in a thread."""
    return _make_in_threads(chunks) if isinstance(request, ASGIRequest) else chunks


def _chunks(name: str, first: int, length: int) -> Generator[bytes, None, None]:
    """Open the file with the first chunk, so that a disconnected browser leaves no file open."""
    with default_storage.open(name) as file:
        file.seek(first)
        while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk


async def _make_in_threads(chunks: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    """Make each chunk in a thread; a read that a disconnect interrupts still runs to its end."""
    next_chunk: asyncio.Future[bytes] | None = None
    try:
        while True:
            next_chunk = asyncio.ensure_future(asyncio.to_thread(next, chunks, b""))
            chunk = await asyncio.shield(next_chunk)
            if not chunk:
                return
            yield chunk
    finally:
        if next_chunk and not next_chunk.done():
            next_chunk.add_done_callback(lambda _: chunks.close())
        else:
            chunks.close()
