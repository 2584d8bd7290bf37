"""Errors of outbound requests, named by what we do next."""

import httpx

from apps.core.errors import DomainError


class FetchError(DomainError):
    """A request to an address that somebody else wrote has failed."""


class FetchTryLater(FetchError):
    """The server is unreachable or overloaded; the same address may work later."""


class FetchRefused(FetchError):
    """The address will never do: forbidden, gone, or its file too large."""


class AddressRefused(httpx.ConnectError):
    """The address is one we never connect to; nothing was sent.

    It is a ConnectError, so that code which does not know it still treats the request as not sent.
    """


class HostNotFound(httpx.ConnectError):
    """The host's name could not be resolved; nothing was sent."""
