"""What can go wrong on the way out, sorted by what we do next."""

import httpx

from apps.core.errors import DomainError


class FetchError(DomainError):
    """Something could not be fetched from, or sent to, an address that somebody else wrote."""


class FetchTryLater(FetchError):
    """The other side is out of reach or out of order; the same address may work in a while."""


class FetchRefused(FetchError):
    """The address will not do: forbidden, gone, too large."""


class NotDialled(httpx.ConnectError):
    """The address is one we do not connect to: nothing was sent, and nothing will be.

    It is a ConnectError so that whoever knows nothing of it still takes the request for never sent.
    """


class NotFound(httpx.ConnectError):
    """The host's name could not be looked up; nothing was sent."""
