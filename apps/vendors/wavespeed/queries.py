"""Questions to WaveSpeedAI that cost nothing and may be asked again."""

from typing import Any

import httpx

from apps.vendors.errors import TryLater
from apps.vendors.http import Answer, Wire
from apps.vendors.wavespeed.answers import knows_not


async def ask(wire: Wire, method: str, path: str, *older: str, **options: Any) -> Answer:
    """Ask at one address, and at the older ones where the vendor does not know it."""
    answer = await _once(wire, method, path, **options)
    if knows_not(answer) and older:
        return await ask(wire, method, *older, **options)
    return answer


async def _once(wire: Wire, method: str, path: str, **options: Any) -> Answer:
    try:
        return await wire.look(method, path, **options)
    except httpx.RequestError as error:
        raise TryLater("WaveSpeedAI could not be reached; we ask again later.") from error
