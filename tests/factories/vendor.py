"""A vendor that lives in memory: takes orders, or makes the trouble a test asks for."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from apps.vendors import registry
from apps.vendors.errors import VendorError
from apps.vendors.types import Order, Progress, Receipt, Report


@dataclass
class MemoryVendor:
    """Takes every order; `trouble` is raised instead, `reports` are told one after the other."""

    orders: list[Order] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    trouble: VendorError | None = None

    def submit(self, order: Order) -> Receipt:
        """Write the order down."""
        if self.trouble:
            raise self.trouble
        self.orders.append(order)
        return Receipt(vendor_job_id=f"memory-{len(self.orders)}", vendor_word="created")

    def result(self, vendor_job_id: str) -> Report:
        """Tell the next report, and the last one for ever."""
        del vendor_job_id
        if self.trouble:
            raise self.trouble
        if not self.reports:
            return Report(progress=Progress.RUNNING, vendor_word="processing")
        return self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryVendor]:
    """Put a vendor in memory in the place of WaveSpeed's client."""
    memory = MemoryVendor()
    monkeypatch.setitem(registry.CLIENTS, "wavespeed", lambda **_: memory)
    registry._client.cache_clear()
    yield memory
    registry._client.cache_clear()
