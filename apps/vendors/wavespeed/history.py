"""WaveSpeedAI's list of jobs, page by page.

Source: docs/vendor-contracts.md, section 1.7; POST, see section 6, row 10.
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

PAGE = 100
PAGES_AT_ONCE = 6
MOST_ITEMS = 10 * PAGE  # a list may not mind the length of page that we ask for
ENDLESS = 10**9  # jobs; no history is longer, whatever a list says
# An address is no longer than this; a picture inside the order, which the list repeats, is, by far.
MAX_URL_CHARACTERS = 16_000
# The list names fewer fields than the job's own address: these decide what we do, so they must be
# there.
TELLING = {
    Progress.DONE: ("outputs", "has_nsfw_contents"),
    Progress.FAILED: ("code",),  # it alone tells a moderated job from a failed one
}


@dataclass(frozen=True, slots=True)
class ListedJob:
    """One job as the list has it; `whole` where its own address would tell us nothing more."""

    report: Report
    whole: bool
    image: str


class ListRefused(Refused):
    """The vendor does not let us list; a single job may still be asked about."""


class History:
    """One stretch of the vendor's history; `turn` fetches its next page.

    Of the pages it keeps the ids alone. `is_read` says whether nothing of the stretch was kept from
    us, or held back in a form that we cannot read: only then is what we have not seen not there.
    """

    def __init__(self, http: HttpClient, model: str, window: TimeWindow) -> None:
        self.ids: set[str] = set()
        self.pages_read = 0
        self.pages_left = 1
        self.is_read = False
        self._http, self._question = http, {"model": model, "page_size": PAGE, **window.filter}
        self._seen, self._unreadable = 0, 0

    async def fetch_pages(self, count: int = 1) -> dict[str, ListedJob]:
        """Fetch so many more pages side by side and return what is on them; raise VendorError."""
        numbers = range(self.pages_read + 1, self.pages_read + 1 + count)
        answers = await asyncio.gather(*map(self._page, numbers))
        return {key: job for answer in answers for key, job in self._read(answer).items()}

    async def _page(self, number: int) -> Answer:
        question = self._question | {"page": number}
        return await query(self._http, "POST", "/api/v3/predictions", json=question)

    def _read(self, answer: Answer) -> dict[str, ListedJob]:
        if not is_success(answer) or not isinstance(answer.json, dict | list):
            raise _error_of_list(answer)
        items, total = _page(answer.json)
        known, readable = len(self.ids), list(_jobs(items, answer))
        self.ids |= {job.report.vendor_job_id for job in readable}
        self._seen, self._unreadable = (
            self._seen + len(items),
            self._unreadable + len(items) - len(readable),
        )
        left, is_past = (
            self._count_pages_left(len(items), total),
            not items and self._is_past(total),
        )
        # A list that repeats itself does not look at the page's number.
        self.pages_read, self.pages_left = self.pages_read + 1, left if len(self.ids) > known else 0
        self.is_read = not self._unreadable and (not left or is_past)
        return {job.report.vendor_job_id: job for job in readable}

    def _count_pages_left(self, here: int, total: int | None) -> int:
        """Return how many pages follow: by the total where the list says one, else one after each that held anything.

        A page that is not full is no end: the list may have left a job out.
        """
        if total is None or total < self._seen:
            return int(here > 0)
        return -(-(total - self._seen) // PAGE)

    def _is_past(self, total: int | None) -> bool:
        """Whether the next page lies behind the last one."""
        return total is None or self.pages_read * PAGE >= total


def _error_of_list(answer: Answer) -> VendorError:
    """Return what a bad answer means; only a key that is no key closes every other door as well."""
    trouble = error_of_query(answer)
    if isinstance(trouble, Refused) and code_of(answer) != 401:
        return ListRefused(str(trouble), vendor_words=trouble.vendor_words)
    return trouble


def _page(body: object) -> tuple[list[object], int | None]:
    """Return the items of a page and the number of jobs in all, as far as the list says either."""
    inside = unwrap(body)
    if isinstance(inside, list):
        return inside[:MOST_ITEMS], None
    items, total = fields(inside).get("items"), fields(inside).get("total")
    found = cast("list[object]", items) if isinstance(items, list) else []
    return found[:MOST_ITEMS], min(total, ENDLESS) if type(total) is int else None


def _jobs(items: Iterable[object], answer: Answer) -> Iterable[ListedJob]:
    for item in items:
        job = fields(item)
        report = report_of(job, answer.clean_text) if job_id_of(job, answer.clean_text) else None
        if report:
            yield ListedJob(report, _is_whole(report, job), image_of(job)[:MAX_URL_CHARACTERS])


def _is_whole(report: Report, job: Fields) -> bool:
    if report.progress is Progress.DONE and not report.outputs:
        return False
    return all(name in job for name in TELLING.get(report.progress, ()))
