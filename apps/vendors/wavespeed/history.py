"""WaveSpeedAI's list of jobs, page by page.

Source: docs/vendor-contracts.md, section 1.7; that it is a POST, see section 6, row 10.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from apps.vendors.errors import Refused, VendorError
from apps.vendors.http import Answer, HttpClient
from apps.vendors.types import Progress, Report
from apps.vendors.wavespeed.answers import Fields, code_of, fields, is_success, unwrap
from apps.vendors.wavespeed.answers_to_errors import error_of_query
from apps.vendors.wavespeed.parsing import image_of, job_id_of, report_of
from apps.vendors.wavespeed.queries import query
from apps.vendors.wavespeed.time_windows import TimeWindow

PAGE_SIZE = 100
MAX_PARALLEL_PAGES = 6
MAX_ITEMS_PER_PAGE = 10 * PAGE_SIZE  # a list may ignore the page size that we ask for
MAX_TOTAL_JOBS = 10**9  # more than any account has, whatever a list says
# Longer than any address, far shorter than a picture inside the order, which the list repeats.
MAX_URL_CHARACTERS = 16_000
# The list may leave out fields that the job's own address has. Without these fields we could not
# decide what to do next.
REQUIRED_FIELDS = {
    Progress.DONE: ("outputs", "has_nsfw_contents"),
    Progress.FAILED: ("code",),  # only the code tells a moderated job from a failed one
}


@dataclass(frozen=True, slots=True)
class ListedJob:
    """One job in the list; `is_complete` where its own address would add nothing."""

    report: Report
    is_complete: bool
    image: str


class ListRefused(Refused):
    """The vendor does not let us list jobs; single jobs can still be polled."""


class History:
    """One time window of the vendor's list; `fetch_pages` fetches its next pages.

    Only the ids of listed jobs are kept. `is_read` is true once the whole window was listed in a
    form that we can read: only then is a job that was not seen certainly not there.
    """

    def __init__(self, http: HttpClient, model: str, window: TimeWindow) -> None:
        self.ids: set[str] = set()
        self.pages_read = 0
        self.pages_left = 1
        self.is_read = False
        self._http = http
        self._filter = {"model": model, "page_size": PAGE_SIZE, **window.filter}
        self._items_seen = 0
        self._items_unreadable = 0

    async def fetch_pages(self, count: int = 1) -> dict[str, ListedJob]:
        """Fetch the next pages in parallel and return their jobs by id; raise VendorError."""
        numbers = range(self.pages_read + 1, self.pages_read + 1 + count)
        answers = await asyncio.gather(*map(self._request_page, numbers))
        return {key: job for answer in answers for key, job in self._add_page(answer).items()}

    async def _request_page(self, number: int) -> Answer:
        body = self._filter | {"page": number}
        return await query(self._http, "POST", "/api/v3/predictions", json=body)

    def _add_page(self, answer: Answer) -> dict[str, ListedJob]:
        """Return the jobs of a page and count it."""
        if not is_success(answer) or not isinstance(answer.json, dict | list):
            raise _error_of_list(answer)
        items, total = _parse_page(answer.json)
        jobs = list(_parse_jobs(items, answer))
        known = len(self.ids)
        self.ids |= {job.report.vendor_job_id for job in jobs}
        self._items_seen += len(items)
        self._items_unreadable += len(items) - len(jobs)
        pages_left = self._count_pages_left(len(items), total)
        is_past_end = not items and self._is_past_end(total)
        self.pages_read += 1
        # A page without a new job means that the list ignores the page number.
        self.pages_left = pages_left if len(self.ids) > known else 0
        self.is_read = not self._items_unreadable and (not pages_left or is_past_end)
        return {job.report.vendor_job_id: job for job in jobs}

    def _count_pages_left(self, items_here: int, total: int | None) -> int:
        """Return the pages that follow, by the total; without one, one after a page with items.

        A page that is not full does not end the list: it may have left a job out.
        """
        if total is None or total < self._items_seen:
            return int(items_here > 0)
        return -(-(total - self._items_seen) // PAGE_SIZE)

    def _is_past_end(self, total: int | None) -> bool:
        """Whether the next page lies behind the last one."""
        return total is None or self.pages_read * PAGE_SIZE >= total


def _error_of_list(answer: Answer) -> VendorError:
    """Return ListRefused for every refusal but a rejected key, which ends all requests."""
    error = error_of_query(answer)
    if isinstance(error, Refused) and code_of(answer) != 401:
        return ListRefused(str(error), vendor_message=error.vendor_message)
    return error


def _parse_page(body: object) -> tuple[list[object], int | None]:
    """Return the items of a page, and the number of jobs in the window where the list has it."""
    data = unwrap(body)
    if isinstance(data, list):
        return data[:MAX_ITEMS_PER_PAGE], None
    items, total = fields(data).get("items"), fields(data).get("total")
    found = cast("list[object]", items) if isinstance(items, list) else []
    return found[:MAX_ITEMS_PER_PAGE], min(total, MAX_TOTAL_JOBS) if type(total) is int else None


def _parse_jobs(items: Iterable[object], answer: Answer) -> Iterable[ListedJob]:
    for item in items:
        job = fields(item)
        report = report_of(job, answer.clean_text) if job_id_of(job, answer.clean_text) else None
        if report:
            yield ListedJob(report, _is_complete(report, job), image_of(job)[:MAX_URL_CHARACTERS])


def _is_complete(report: Report, job: Fields) -> bool:
    if report.progress is Progress.DONE and not report.outputs:
        return False
    return all(name in job for name in REQUIRED_FIELDS.get(report.progress, ()))
