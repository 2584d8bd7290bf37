"""The few columns of a job that polling reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from apps.jobs.states import ENDED
from apps.vendors.offer import PriceValues
from apps.vendors.registry import price_values_of
from apps.vendors.types import JobQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class PolledJob:
    """The columns of a job that polling needs; its whole row is fetched only if there is news."""

    pk: int
    vendor_job_id: str
    account_id: int
    price_values: PriceValues
    accepted_at: datetime
    has_ended: bool
    query: JobQuery

    COLUMNS: ClassVar = (
        "pk",
        "state",
        "vendor_job_id",
        "account_id",
        "vendor",
        "schema_version",
        "parameters",
        "accepted_at",
        "created_at",
        "vendor_created_at",
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "PolledJob":
        """Return what a row of these columns says."""
        accepted_at = row["accepted_at"] or row["created_at"]
        by_vendor_clock = row["vendor_created_at"]
        return cls(
            pk=row["pk"],
            vendor_job_id=row["vendor_job_id"],
            account_id=row["account_id"],
            price_values=price_values_of(row["vendor"], row["schema_version"], row["parameters"]),
            accepted_at=accepted_at,
            has_ended=row["state"] in ENDED,
            query=JobQuery(
                vendor_job_id=row["vendor_job_id"],
                accepted_at=by_vendor_clock or accepted_at,
                is_vendor_clock=by_vendor_clock is not None,
            ),
        )
