"""A vendor that lives in memory: takes orders, or makes the trouble a test asks for."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async

from apps.vendors import registry
from apps.vendors.errors import VendorError
from apps.vendors.types import (
    JobQuery,
    MissingOrder,
    Order,
    Output,
    Progress,
    Receipt,
    Report,
    StopResult,
)

RUNNING = Report(progress=Progress.RUNNING, vendor_status="processing")


@dataclass
class MemoryVendor:
    """Takes every order; `trouble` is raised instead, `troubles` one after the other before it.

    What it says of a job: the next of `told[its id]` (the last one for ever), else the next of
    `reports`.
    """

    orders: list[Order] = field(default_factory=list)
    reports_: list[Report] = field(default_factory=list)
    told: dict[str, list[Report]] = field(default_factory=dict)
    trouble: VendorError | None = None
    unknown: VendorError | None = None  # what it says of a job that `told` does not hold
    troubles: list[VendorError] = field(default_factory=list)
    has_list: bool = True
    # the batches, single questions and stops there were
    asked: list[list[str]] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    # What happens here while an order is on its way.
    meanwhile: Callable[[], object] | None = None
    stop_answer: StopResult = StopResult.UNSUPPORTED
    kept: set[str] | None = None  # what it would delete; None: anything
    left: Decimal | None = None
    live_price: Decimal | None = None

    async def __aenter__(self) -> "MemoryVendor":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def submit(self, order: Order) -> Receipt:
        """Write the order down."""
        if self.meanwhile:
            await sync_to_async(self.meanwhile)()
        self._stumble()
        self.orders.append(order)
        return Receipt(vendor_job_id=f"memory-{len(self.orders)}", vendor_status="created")

    async def report(self, vendor_job_id: str) -> Report:
        """Tell the next report, and the last one for ever."""
        self.asked.append([vendor_job_id])
        self._stumble()
        if self.unknown and vendor_job_id not in self.told:
            raise self.unknown
        return self._next(vendor_job_id)

    async def reports(
        self, asked: Sequence[JobQuery], **_: bool
    ) -> AsyncIterator[Mapping[str, Report]]:
        """Tell of all at once."""
        self.asked.append([one.vendor_job_id for one in asked])
        self._stumble()
        if self.has_list:
            yield {one.vendor_job_id: self._next(one.vendor_job_id) for one in asked}

    async def find_orders(
        self, sought: Collection[MissingOrder]
    ) -> AsyncIterator[Mapping[str, Report | None]]:
        """Find by the image's address, as WaveSpeed does."""
        self._stumble()
        reports = {report.image_url: report for reports in self.told.values() for report in reports}
        yield {one.reference: reports.get(one.image_url) for one in sought}

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Keep the name."""
        self._stumble()
        self.uploads.append(name)
        return f"https://media.vendor.example/{name}"

    async def stop(self, vendor_job_id: str) -> StopResult:
        """Answer as told."""
        self.asked.append([vendor_job_id])
        self._stumble()
        return self.stop_answer

    async def delete_jobs(self, vendor_job_ids: Sequence[str]) -> int:
        """Delete what it keeps."""
        self.asked.append(list(vendor_job_ids))
        self._stumble()
        return len([one for one in vendor_job_ids if self.kept is None or one in self.kept])

    async def balance(self) -> Decimal | None:
        """Tell what is left."""
        self._stumble()
        return self.left

    async def price(self, parameters: object) -> Decimal | None:
        """Tell the price of today."""
        return self.live_price

    async def webhook_secret(self) -> str:
        """Sign with this."""
        return "whsec_of-the-tests"

    def _next(self, vendor_job_id: str) -> Report:
        reports = self.told.get(vendor_job_id, self.reports_)
        if not reports:
            return RUNNING
        return reports.pop(0) if len(reports) > 1 else reports[0]

    def _stumble(self) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        if self.trouble:
            raise self.trouble


def done_report(*urls: str, nsfw: bool | None = False, **facts: object) -> Report:
    """Return the report of a finished job."""
    outputs = tuple(Output(url=url, nsfw=nsfw) for url in urls or ("http://127.0.0.1:9/1.mp4",))
    return Report(progress=Progress.DONE, vendor_status="completed", outputs=outputs, **facts)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryVendor]:
    """Put a vendor in memory in the place of both clients."""
    memory = MemoryVendor()
    for kind, entry in list(registry.VENDORS.items()):
        monkeypatch.setitem(registry.VENDORS, kind, replace(entry, client=lambda **_: memory))
    return memory


__all__ = ["RUNNING", "MemoryVendor", "done_report", "vendor"]
