"""Uploads to WaveSpeedAI: a ticket names an address, which gets the file without our key.

Source: docs/vendor-contracts.md, section 1.8.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

from apps.vendors.errors import Refused, TryLater
from apps.vendors.http import Answer, HttpClient, allowed_url
from apps.vendors.wavespeed.answers import fields, is_success, unwrap
from apps.vendors.wavespeed.answers_to_errors import error_of_query
from apps.vendors.wavespeed.queries import query

HEADER_NAME = re.compile(r"[0-9A-Za-z!#$%&'*+.^_`|~-]{1,100}")
HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,2000}")
MAX_URL_CHARACTERS = 4000
# Refusals of the file store that may pass; every other one is final.
TEMPORARY_STATUSES = {408, 425, 429}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The address and headers of an upload, and the file's address afterwards."""

    url: str
    headers: Mapping[str, str]
    download_url: str


async def upload(http: HttpClient, name: str, content: bytes, content_type: str) -> str:
    """Upload a file and return its address there; a repetition does no harm."""
    body = {"filename": name, "size": len(content), "content_type": content_type}
    answer = await query(http, "POST", "/api/v3/media/uploads", json=body)
    if not is_success(answer):
        raise error_of_query(answer)
    ticket = _ticket(answer, http)
    await _put(http, ticket, content)
    return ticket.download_url


async def _put(http: HttpClient, ticket: Ticket, content: bytes) -> None:
    try:
        answer = await http.exchange_without_key(
            "PUT", ticket.url, content=content, headers=ticket.headers
        )
    except httpx.RequestError as error:
        raise TryLater(
            "WaveSpeedAI's store could not be reached; we upload again later."
        ) from error
    message = answer.clean_text(answer.text)
    if answer.status >= 500 or answer.status in TEMPORARY_STATUSES:
        raise TryLater(
            "WaveSpeedAI's store is out of order.",
            vendor_message=message,
            retry_after=answer.retry_after,
        )
    if not answer.is_success:
        raise Refused("WaveSpeedAI's store does not take the file.", vendor_message=message)


def _ticket(answer: Answer, http: HttpClient) -> Ticket:
    data = fields(unwrap(answer.json))
    upload_fields = fields(data.get("upload"))
    if not upload_fields:
        raise TryLater("WaveSpeedAI gave no place for the upload; we ask again later.")
    if upload_fields.get("method") != "PUT":
        raise Refused("WaveSpeedAI wants the upload in a way we do not know.")
    return Ticket(
        url=_trusted_url(upload_fields.get("url"), http),
        headers=_headers(upload_fields.get("headers")),
        download_url=_trusted_url(data.get("download_url"), http),
    )


def _headers(given: object) -> dict[str, str]:
    """Return all headers of the ticket, or raise Refused: a signature may cover each of them."""
    headers = {}
    for name, value in fields(given).items():
        if (
            not HEADER_NAME.fullmatch(name)
            or not isinstance(value, str)
            or not HEADER_VALUE.fullmatch(value)
        ):
            raise Refused("WaveSpeedAI wants a header with the upload that we cannot send.")
        headers[name] = value
    return headers


def _trusted_url(given: object, http: HttpClient) -> str:
    """Return an address the vendor gave us, or raise Refused where it leads to a private place."""
    fits = isinstance(given, str) and len(given) <= MAX_URL_CHARACTERS
    url = allowed_url(str(given), allow_private=http.allow_private) if fits else None
    if url is None or not (_is_same_machine(url, http.base_url) or _is_public(url)):
        raise Refused("WaveSpeedAI gave an address for the upload that we do not trust.")
    return str(url)


def _is_same_machine(url: httpx.URL, base_url: str) -> bool:
    """Tell whether vendor and address are both on this machine, as with a sandbox."""
    own = httpx.URL(base_url)
    return url.scheme == own.scheme == "http" and url.host == own.host and _is_loopback(own.host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_public(url: httpx.URL) -> bool:
    """Tell whether the address is encrypted and public, so that the vendor can fetch it."""
    return url.scheme == "https" and url.host != "localhost" and allowed_url(str(url)) is not None
