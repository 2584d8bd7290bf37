"""Uploads by WaveSpeedAI's ticket and PUT, and their downloads.

Source: docs/vendor-contracts.md, section 1.8.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from apps.sandbox.context import (
    RETENTION_SECONDS,
    SandboxContext,
    base_url_of,
    json_error,
    read_body,
    read_object,
)
from apps.sandbox.key_value import Upload
from apps.sandbox.wavespeed.answers import envelope

MAX_UPLOAD_BYTES = 200 * 1000 * 1000
TICKET_SECONDS = 3600.0
UNSAFE_CHARACTERS = re.compile(r"[^A-Za-z0-9._-]+")
CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
# Types that are served as what they claim to be; everything else is served as bytes.
PICTURE_TYPES = {"image/png", "image/jpeg", "image/webp", "image/heic", "image/avif", "image/gif"}


async def ticket(context: SandboxContext, request: Request) -> Response:
    """Return a ticket for an upload."""
    body = await read_object(request)
    name, size = body.get("filename"), body.get("size")
    content_type = body.get("content_type") or "application/octet-stream"
    if not isinstance(name, str) or not safe_filename(name):
        return json_error(400, "filename is required and must be a text.")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MAX_UPLOAD_BYTES:
        return json_error(400, f"size must be a whole number from 1 to {MAX_UPLOAD_BYTES}.")
    if not isinstance(content_type, str) or not CONTENT_TYPE.fullmatch(content_type):
        return json_error(400, "content_type must be such as image/png.")
    upload = await run_in_threadpool(
        context.key_value.create_upload,
        safe_filename(name),
        content_type,
        size,
        now=context.clock.now(),
    )
    return JSONResponse(envelope(_notify(context, upload, base_url_of(request))))


async def put(context: SandboxContext, request: Request) -> Response:
    """Store the file of a ticket; its signed address needs no key and expires."""
    upload = await run_in_threadpool(context.key_value.get_upload, request.path_params["upload_id"])
    given = request.query_params.get("sig", "")
    if upload is None or not hmac.compare_digest(
        given.encode(), upload_signature(context, upload.id).encode()
    ):
        raise HTTPException(403, "The signature of this address is wrong.")
    if context.clock.now() > upload.born + TICKET_SECONDS:
        raise HTTPException(403, "This address has expired.")
    if (
        request.headers.get("content-type") != upload.content_type
        or "authorization" in request.headers
    ):
        raise HTTPException(403, "The headers are not those of the ticket.")
    content = await read_body(request, max_bytes=upload.size)
    if len(content) != upload.size:
        raise HTTPException(400, f"The ticket is for {upload.size} bytes.")
    await run_in_threadpool(store_upload, context, upload, content)
    return Response(status_code=200)


async def download(context: SandboxContext, request: Request) -> Response:
    """Send an uploaded file until its retention ends."""
    upload = await run_in_threadpool(context.key_value.get_upload, request.path_params["upload_id"])
    if (
        upload is None
        or not upload.is_complete
        or context.clock.now() > upload.born + RETENTION_SECONDS
    ):
        raise HTTPException(404, "no such upload")
    content_type = (
        upload.content_type if upload.content_type in PICTURE_TYPES else "application/octet-stream"
    )
    return FileResponse(
        context.paths.upload(upload.id),
        media_type=content_type,
        headers={"X-Content-Type-Options": "nosniff"},
    )


def store_upload(context: SandboxContext, upload: Upload, content: bytes) -> None:
    """Store a file, all of it or nothing."""
    place = context.paths.upload(upload.id)
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(place)
    context.key_value.mark_uploaded(upload.id)


def upload_url(upload: Upload, base_url: str) -> str:
    """Return the address of an uploaded file."""
    return f"{base_url}/u/{upload.id}/{upload.filename}"


def safe_filename(name: str) -> str:
    """Return a file's name without characters that a path cannot carry."""
    return UNSAFE_CHARACTERS.sub("-", Path(name).name)[-100:].strip("-.")


def upload_signature(context: SandboxContext, upload_id: str) -> str:
    """Return the signature that proves the address of a ticket."""
    return hmac.new(
        context.settings.key.encode(), f"put {upload_id}".encode(), hashlib.sha256
    ).hexdigest()


def _notify(context: SandboxContext, upload: Upload, base_url: str) -> dict[str, object]:
    until = datetime.fromtimestamp(upload.born + TICKET_SECONDS, UTC)
    return {
        "type": upload.content_type.partition("/")[0],
        "download_url": upload_url(upload, base_url),
        "filename": upload.filename,
        "size": upload.size,
        "upload": {
            "method": "PUT",
            "url": f"{base_url}/put/{upload.id}?sig={upload_signature(context, upload.id)}",
            "headers": {"Content-Type": upload.content_type},
            "expires_at": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        },
    }
