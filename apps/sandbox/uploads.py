"""Pictures customers give us: WaveSpeed's ticket and PUT (vendor contracts 1.8), and handing them out."""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from apps.sandbox.desk import KEPT_SECONDS, Desk, base_of, body_of, object_of, plain
from apps.sandbox.notes import Upload
from apps.sandbox.wavespeed.answers import envelope

LARGEST_UPLOAD = 200 * 1000 * 1000  # the SDK's own limit (contracts 1.8)
TICKET_SECONDS = 3600.0
UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
KIND = re.compile(r"[a-z]+/[a-z0-9.+-]+")
# What may be shown to a browser as what it says it is; everything else is bytes.
PICTURES = {"image/png", "image/jpeg", "image/webp", "image/heic", "image/avif", "image/gif"}


async def ticket(desk: Desk, request: Request) -> Response:
    """Promise a place for a file."""
    body = await object_of(request)
    name, size = body.get("filename"), body.get("size")
    kind = body.get("content_type") or "application/octet-stream"
    if not isinstance(name, str) or not fit(name):
        return plain(400, "filename is required and must be a text.")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= LARGEST_UPLOAD:
        return plain(400, f"size must be a whole number from 1 to {LARGEST_UPLOAD}.")
    if not isinstance(kind, str) or not KIND.fullmatch(kind):
        return plain(400, "content_type must be such as image/png.")
    upload = await run_in_threadpool(
        desk.notes.announce, fit(name), kind, size, now=desk.clock.now()
    )
    return JSONResponse(envelope(_told(desk, upload, base_of(request))))


async def put(desk: Desk, request: Request) -> Response:
    """Take the file of a ticket from whoever has its address, until it expires."""
    upload = await run_in_threadpool(desk.notes.upload, request.path_params["upload_id"])
    given = request.query_params.get("sig", "")
    if upload is None or not hmac.compare_digest(
        given.encode(), signature(desk, upload.id).encode()
    ):
        raise HTTPException(403, "The signature of this address is wrong.")
    if desk.clock.now() > upload.born + TICKET_SECONDS:
        raise HTTPException(403, "This address has expired.")
    if (
        request.headers.get("content-type") != upload.content_type
        or "authorization" in request.headers
    ):
        raise HTTPException(403, "The headers are not those of the ticket.")
    content = await body_of(request, largest=upload.size)
    if len(content) != upload.size:
        raise HTTPException(400, f"The ticket is for {upload.size} bytes.")
    await run_in_threadpool(keep, desk, upload, content)
    return Response(status_code=200)


async def download(desk: Desk, request: Request) -> Response:
    """Hand out a file that came, for as long as it is kept."""
    upload = await run_in_threadpool(desk.notes.upload, request.path_params["upload_id"])
    if upload is None or not upload.arrived or desk.clock.now() > upload.born + KEPT_SECONDS:
        raise HTTPException(404, "no such upload")
    kind = upload.content_type if upload.content_type in PICTURES else "application/octet-stream"
    return FileResponse(
        desk.places.upload(upload.id),
        media_type=kind,
        headers={"X-Content-Type-Options": "nosniff"},
    )


def keep(desk: Desk, upload: Upload, content: bytes) -> None:
    """Put a file in its place, all of it or nothing."""
    place = desk.places.upload(upload.id)
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(place)
    desk.notes.arrive(upload.id)


def address_of(upload: Upload, base: str) -> str:
    """Return where a file is handed out."""
    return f"{base}/u/{upload.id}/{upload.filename}"


def fit(name: str) -> str:
    """Return a file's name as an address can carry it."""
    return UNFIT.sub("-", Path(name).name)[-100:].strip("-.")


def signature(desk: Desk, upload_id: str) -> str:
    """Return what proves that an address was made here."""
    return hmac.new(
        desk.settings.key.encode(), f"put {upload_id}".encode(), hashlib.sha256
    ).hexdigest()


def _told(desk: Desk, upload: Upload, base: str) -> dict[str, object]:
    until = datetime.fromtimestamp(upload.born + TICKET_SECONDS, UTC)
    return {
        "type": upload.content_type.partition("/")[0],
        "download_url": address_of(upload, base),
        "filename": upload.filename,
        "size": upload.size,
        "upload": {
            "method": "PUT",
            "url": f"{base}/put/{upload.id}?sig={signature(desk, upload.id)}",
            "headers": {"Content-Type": upload.content_type},
            "expires_at": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        },
    }
