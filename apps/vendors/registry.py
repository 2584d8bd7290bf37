"""Where the rest of the house gets a vendor, and what each vendor offers."""

import os
from collections.abc import Callable
from functools import lru_cache

from apps.core.errors import DomainError
from apps.vendors.types import Offer, Vendor
from apps.vendors.wavespeed.client import WaveSpeed
from apps.vendors.wavespeed.schema import OFFER as WAVESPEED

OFFERS: dict[str, Offer] = {WAVESPEED.vendor: WAVESPEED}
CLIENTS: dict[str, Callable[..., Vendor]] = {WAVESPEED.vendor: WaveSpeed}


def offer_of(kind: str) -> Offer:
    """Return what the vendor of this kind sells."""
    _insist(kind)
    return OFFERS[kind]


def get_vendor(kind: str, *, base_url: str, api_key: str) -> Vendor:
    """Return this account's client: one per process, its connections kept open between calls."""
    _insist(kind)
    # A forked worker must not write into its parent's sockets, so the process is part of the key.
    return _client(os.getpid(), kind, base_url, api_key)


@lru_cache(maxsize=64)
def _client(_process: int, kind: str, base_url: str, api_key: str) -> Vendor:
    return CLIENTS[kind](base_url=base_url, api_key=api_key)


def _insist(kind: str) -> None:
    if kind not in OFFERS:
        known = ", ".join(sorted(OFFERS))
        raise DomainError(f"There is no vendor called “{kind}”; we know {known}.")
