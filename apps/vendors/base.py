"""The base of every vendor's client: its offer, its connections, and "unsupported" as default."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

from apps.vendors.entries import offer_in
from apps.vendors.errors import Refused, TryLater, Unsure
from apps.vendors.http import NOT_SENT_ERRORS, Answer, HttpClient
from apps.vendors.offer import Offer, Value
from apps.vendors.types import JobQuery, MissingOrder, Report, StopResult


class BaseClient:
    """A client of one account, one HTTP exchange per method: no retries, no sleeps.

    A subclass adds `submit` and `report`, and overrides what its vendor can do beyond that.
    """

    offers: ClassVar[tuple[Offer, ...]]
    prefix: ClassVar[str] = ""  # the vendor's path that people paste with the base address

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
        self._http = HttpClient(
            base_url=base_url,
            api_key=api_key,
            prefix=self.prefix,
            allow_private=allow_private,
            transport=transport,
        )

    def __repr__(self) -> str:
        account = f"base_url={self._http.base_url!r}, schema_version={self.offer.schema_version!r}"
        return f"{type(self).__name__}({account})"

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def reports(
        self,
        queries: Sequence[JobQuery],  # noqa: ARG002
        *,
        close_jobs_only: bool = False,  # noqa: ARG002
    ) -> AsyncIterator[Mapping[str, Report]]:
        """Yield no report: without a list every job is polled alone."""
        yield {}

    async def find_orders(
        self,
        missing: Collection[MissingOrder],  # noqa: ARG002
    ) -> AsyncIterator[Mapping[str, Report | None]]:
        """Yield no order: without a list an order cannot be found."""
        yield {}

    async def upload(self, name: str, content: bytes, content_type: str) -> str:  # noqa: ARG002
        """Refuse the image: this vendor fetches images by their address."""
        raise Refused(f"{self.offer.vendor_name} takes no uploads; it needs a public address.")

    async def stop(self, vendor_job_id: str) -> StopResult:  # noqa: ARG002
        """Return that this vendor cannot stop a job."""
        return StopResult.UNSUPPORTED

    async def delete_jobs(self, vendor_job_ids: Sequence[str]) -> int:  # noqa: ARG002
        """Return that no job was deleted."""
        return 0

    async def balance(self) -> Decimal | None:
        """Return no balance: the vendor does not report one."""
        return None

    async def price(self, parameters: Mapping[str, Value]) -> Decimal | None:  # noqa: ARG002
        """Return no price: the vendor does not report one."""
        return None

    async def webhook_secret(self) -> str:
        """Return no secret: webhooks of this vendor are not signed."""
        return ""

    async def _send(self, path: str, **options: Any) -> Answer:
        """Send a request that costs money or changes something, once."""
        name = self.offer.vendor_name
        try:
            return await self._http.send("POST", path, **options)
        except NOT_SENT_ERRORS as error:
            raise TryLater(f"{name} could not be reached; nothing was sent.") from error
        except httpx.RequestError as error:
            raise Unsure(
                f"The connection to {name} broke after the request went out; "
                "it may have been accepted."
            ) from error
