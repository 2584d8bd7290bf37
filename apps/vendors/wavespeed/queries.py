"""Requests to WaveSpeedAI that cost nothing and may be repeated."""

from typing import Any

import httpx

from apps.vendors.errors import TryLater
from apps.vendors.http import Answer, HttpClient
from apps.vendors.wavespeed.answers import is_not_found


async def query(
    http: HttpClient, method: str, path: str, *older_paths: str, **options: Any
) -> Answer:
    """Send a query to one path; where the vendor answers 404, try the older paths in turn."""
    answer = await _query_path(http, method, path, **options)
    if is_not_found(answer) and older_paths:
        return await query(http, method, *older_paths, **options)
    return answer


async def _query_path(http: HttpClient, method: str, path: str, **options: Any) -> Answer:
    try:
        return await http.query(method, path, **options)
    except httpx.RequestError as error:
        raise TryLater("WaveSpeedAI could not be reached; we ask again later.") from error
