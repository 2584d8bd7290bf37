"""Whether an address would do, asked before anybody depends on it; nothing is connected to."""

import time

from apps.core.outbound import dialling
from apps.core.outbound.dialling import CheckedLine, Dialler
from apps.core.outbound.errors import FetchRefused, FetchTryLater, NotDialled, NotFound
from apps.core.outbound.urls import parse_url, port_of

SECONDS = 3.0


def check_address(
    url: str,
    *,
    allow_private: bool = False,
    seconds: float = SECONDS,
    dialler: Dialler | None = None,
) -> None:
    """Raise FetchRefused where the door would not let us out to `url`, FetchTryLater where nobody can tell today.

    It is a courtesy to whoever typed the address: the door looks again at every connection.
    """
    place = parse_url(url, allow_private=allow_private)
    line = CheckedLine(
        dialler=dialler or dialling.USUAL,
        allow_private=allow_private,
        until=time.monotonic() + seconds,
    )
    try:
        line.addresses_of(place.raw_host.decode("ascii"), port_of(place), seconds)
    except NotDialled as fault:
        raise FetchRefused(str(fault)) from fault
    except NotFound as fault:
        raise FetchTryLater(str(fault)) from fault
