"""Check early whether an address is one we would connect to; nothing is connected."""

import time

from apps.core.outbound import dialling
from apps.core.outbound.dialling import CheckedBackend, Dialler
from apps.core.outbound.errors import AddressRefused, FetchRefused, FetchTryLater, HostNotFound
from apps.core.outbound.urls import parse_url, port_of

LOOKUP_SECONDS = 3.0


def check_address(
    url: str,
    *,
    allow_private: bool = False,
    seconds: float = LOOKUP_SECONDS,
    dialler: Dialler | None = None,
) -> None:
    """Raise FetchRefused for a forbidden address, FetchTryLater where its name is not resolved.

    This is a courtesy to the person who typed the address. The transport checks again at every
    connection.
    """
    parsed = parse_url(url, allow_private=allow_private)
    backend = CheckedBackend(
        dialler=dialler or dialling.SYSTEM_DIALLER,
        allow_private=allow_private,
        deadline=time.monotonic() + seconds,
    )
    try:
        backend.addresses_of(parsed.raw_host.decode("ascii"), port_of(parsed), seconds)
    except AddressRefused as error:
        raise FetchRefused(str(error)) from error
    except HostNotFound as error:
        raise FetchTryLater(str(error)) from error
