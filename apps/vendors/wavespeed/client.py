"""The client of WaveSpeedAI: no retries, no sleeps.

Source: docs/vendor-contracts.md, section 1.
"""

import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote

from apps.vendors.base import BaseClient
from apps.vendors.errors import TryLater
from apps.vendors.offer import Value
from apps.vendors.parameters import check_parameters
from apps.vendors.types import JobQuery, MissingOrder, Order, Receipt, Report
from apps.vendors.wavespeed import billing
from apps.vendors.wavespeed.answers import (
    fields,
    is_job_not_found,
    is_not_found,
    is_success,
    job_in,
    unwrap,
)
from apps.vendors.wavespeed.answers_to_errors import (
    error_of_change,
    error_of_order,
    error_of_query,
    job_not_found,
)
from apps.vendors.wavespeed.history import MAX_PARALLEL_PAGES, History, ListRefused
from apps.vendors.wavespeed.order_search import OrderSearch
from apps.vendors.wavespeed.parsing import receipt_of, report_of
from apps.vendors.wavespeed.queries import query
from apps.vendors.wavespeed.schema import OFFERS, body_of
from apps.vendors.wavespeed.time_windows import windows_of_jobs
from apps.vendors.wavespeed.uploads import upload

# Pages of a hundred jobs that one poll may read.
MAX_PAGES_PER_POLL = 300
# No document has a limit; this is the documented size of a page of the list.
MAX_DELETED_PER_REQUEST = 100
SECRET = re.compile(r"[\x21-\x7e]{1,500}")


class WaveSpeed(BaseClient):
    """A client of one WaveSpeedAI account."""

    offers = OFFERS
    prefix = "/api/v3"

    async def submit(self, order: Order) -> Receipt:
        """Submit an order once; raise Unsure where it may have arrived."""
        body = body_of(self.offer, order)
        # The vendor refuses a webhook together with a clip inside the answer
        # (docs/vendor-contracts.md, section 1.9).
        has_webhook = order.webhook_url and not body.get("enable_base64_output")
        params = {"webhook": order.webhook_url} if has_webhook else None
        answer = await self._send(f"/api/v3/{self.offer.model}", json=body, params=params)
        receipt = receipt_of(answer) if is_success(answer) else None
        if receipt is None:
            raise error_of_order(answer)
        return receipt

    async def report(self, vendor_job_id: str) -> Report:
        """Poll one job, at the documented address and then at the older one."""
        path = f"/api/v3/predictions/{quote(vendor_job_id, safe='')}"
        # Documents disagree about the suffix (docs/vendor-contracts.md, section 6, row 5).
        answer = await query(self._http, "GET", f"{path}/result", path)
        if is_job_not_found(answer):
            raise job_not_found(answer)
        report = report_of(job_in(answer.json), answer.clean_text) if is_success(answer) else None
        if report is None:
            raise error_of_query(answer)
        if report.vendor_job_id not in {"", vendor_job_id}:
            words = "WaveSpeedAI told about another job than we asked for."
            raise TryLater(words, vendor_message=report.vendor_job_id)
        return replace(report, vendor_job_id=vendor_job_id)

    async def reports(
        self, queries: Sequence[JobQuery], *, close_jobs_only: bool = False
    ) -> AsyncIterator[Mapping[str, Report]]:
        """List the time windows that hold several of the jobs, some pages at a time.

        Not reported are jobs in no such window, jobs with too few fields in the list, and jobs in
        windows with more pages than jobs: polling each of them alone is as cheap.
        """
        for window, ids in windows_of_jobs(queries, close_jobs_only=close_jobs_only):
            history = History(self._http, self.offer.model, window)
            while history.pages_read < MAX_PAGES_PER_POLL and _is_cheaper(history, ids):
                try:
                    jobs = await history.fetch_pages(min(MAX_PARALLEL_PAGES, history.pages_left))
                except ListRefused:
                    return  # the other jobs are polled alone
                yield {job_id: job.report for job_id, job in jobs.items() if job.is_complete}

    def find_orders(
        self, missing: Collection[MissingOrder]
    ) -> AsyncIterator[Mapping[str, Report | None]]:
        """Search the list around the time of each submission for jobs with the same image.

        The reports come from the list alone: the job's id is what matters, and a job that cannot be
        polled must not end the search for others.
        """
        return OrderSearch(self._http, self.offer.model, missing).results()

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Upload an image and return its address there, which is valid for 7 days."""
        return await upload(self._http, name, content, content_type)

    async def delete_jobs(self, vendor_job_ids: Sequence[str]) -> int:
        """Delete jobs for good, a hundred per request."""
        batches = range(0, len(vendor_job_ids), MAX_DELETED_PER_REQUEST)
        return sum(
            [
                await self._delete(vendor_job_ids[start : start + MAX_DELETED_PER_REQUEST])
                for start in batches
            ]
        )

    async def balance(self) -> Decimal | None:
        """Return the account's balance."""
        return await billing.balance(self._http)

    async def price(self, parameters: Mapping[str, Value]) -> Decimal | None:
        """Return today's price of one job with these parameters."""
        return await billing.price(self._http, self.offer, check_parameters(self.offer, parameters))

    async def webhook_secret(self) -> str:
        """Return the secret that signs the webhooks of this key."""
        answer = await query(self._http, "GET", "/api/v3/webhook/secret")
        if is_not_found(answer):
            return ""
        if not is_success(answer) or not isinstance(answer.json, dict):
            raise error_of_query(answer)
        secret = fields(unwrap(answer.json)).get("secret")
        return secret if isinstance(secret, str) and SECRET.fullmatch(secret) else ""

    async def _delete(self, vendor_job_ids: Sequence[str]) -> int:
        answer = await self._send("/api/v3/predictions/delete", json={"ids": list(vendor_job_ids)})
        if not is_success(answer):
            raise error_of_change(answer)
        count = fields(unwrap(answer.json)).get("deleted_count")
        return min(count, len(vendor_job_ids)) if type(count) is int and count > 0 else 0


def _is_cheaper(history: History, ids: frozenset[str]) -> bool:
    """Tell whether reading the pages left takes fewer requests than polling the jobs not seen."""
    return 0 < history.pages_left < len(ids - history.ids)
