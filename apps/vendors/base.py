"""What every vendor's client is made of: one of its offers, and the wire to one account."""

from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

from apps.vendors.errors import TryLater, Unsure
from apps.vendors.http import NEVER_SENT, Answer, Wire
from apps.vendors.offers import offer_in
from apps.vendors.types import Offer


class Door:
    """A thin, typed door to one account: no retries, no sleeps."""

    offers: ClassVar[tuple[Offer, ...]]
    prefix: ClassVar[str]  # what of the vendor's own paths people paste with the base address

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        schema_version: str = "",
        allow_private: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.offer = offer_in(self.offers, schema_version)
        self._wire = Wire(
            base_url=base_url,
            api_key=api_key,
            prefix=self.prefix,
            allow_private=allow_private,
            transport=transport,
        )

    def __repr__(self) -> str:
        account = f"base_url={self._wire.base_url!r}, schema_version={self.offer.schema_version!r}"
        return f"{type(self).__name__}({account})"

    async def __aenter__(self) -> Self:
        await self._wire.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._wire.__aexit__(kind, error, trace)

    async def _send(self, path: str, **options: Any) -> Answer:
        """Post what costs money or changes something, once."""
        name = self.offer.vendor_name
        try:
            return await self._wire.order("POST", path, **options)
        except NEVER_SENT as error:
            raise TryLater(f"{name} could not be reached; nothing was sent.") from error
        except httpx.RequestError as error:
            words = f"The connection to {name} broke after the request went out; it may have been taken."
            raise Unsure(words) from error
