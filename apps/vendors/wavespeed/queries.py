"""Questions to WaveSpeedAI that cost nothing and may be asked again."""

from typing import Any

import httpx

from apps.vendors.errors import TryLater
from apps.vendors.http import Answer, HttpClient
from apps.vendors.wavespeed.answers import is_not_found


async def query(http: HttpClient, method: str, path: str, *older: str, **options: Any) -> Answer:
    """Ask at one address, and at the older ones where the vendor does not know it."""
    answer = await _once(http, method, path, **options)
    if is_not_found(answer) and older:
        return await query(http, method, *older, **options)
    return answer


async def _once(http: HttpClient, method: str, path: str, **options: Any) -> Answer:
    try:
        return await http.query(method, path, **options)
    except httpx.RequestError as error:
        raise TryLater("WaveSpeedAI could not be reached; we ask again later.") from error
