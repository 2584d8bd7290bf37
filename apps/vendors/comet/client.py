"""The client of CometAPI and of proxies with the same protocol: no retries, no sleeps.

Source: docs/vendor-contracts.md, section 3.
"""

import base64
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from apps.vendors.base import BaseClient
from apps.vendors.comet.answers import id_of, is_html_page, message_of
from apps.vendors.comet.answers_to_errors import error_of_order, error_of_query
from apps.vendors.comet.parsing import receipt_of, report_of, uploaded_url_of
from apps.vendors.comet.schema import OFFERS, body_of, path_of
from apps.vendors.errors import JobNotFound, Refused, TryLater, Unsure
from apps.vendors.http import Answer
from apps.vendors.types import JobQuery, Order, Progress, Receipt, Report, StopResult

MAX_JOBS_PER_QUERY = 100  # docs/vendor-contracts.md, section 3.5
IMAGE_TYPE = re.compile(r"image/[a-z0-9.+-]{1,60}")
# The result of a stop request, by the job's progress after it.
STOP_RESULT_BY_PROGRESS = {
    Progress.CANCELLED: StopResult.STOPPED,
    Progress.DONE: StopResult.TOO_LATE,
    Progress.FAILED: StopResult.TOO_LATE,
    Progress.MODERATED: StopResult.TOO_LATE,
}


class Comet(BaseClient):
    """A client of one CometAPI account."""

    offers = OFFERS
    prefix = "/mj"

    async def submit(self, order: Order) -> Receipt:
        """Submit an order once; raise Unsure where it may have arrived."""
        path, body = path_of(self.offer, order), body_of(self.offer, order)
        answer = await self._send(path, json=body)
        receipt = receipt_of(answer)
        if receipt is None:
            raise error_of_order(answer)
        return receipt

    async def report(self, vendor_job_id: str) -> Report:
        """Poll one job; just after the order CometAPI may not know it yet and raise JobNotFound."""
        answer = await self._query("GET", f"{_task_path(vendor_job_id)}/fetch")
        report = report_of(answer, answer.json) if answer.is_success else None
        if report is None:
            raise error_of_query(answer)
        if report.vendor_job_id != vendor_job_id:
            raise TryLater(
                "CometAPI told about another job than we asked for.",
                vendor_message=report.vendor_job_id,
            )
        return report

    async def reports(
        self,
        queries: Sequence[JobQuery],
        *,
        close_jobs_only: bool = False,  # noqa: ARG002  # its list takes ids, not a time window
    ) -> AsyncIterator[Mapping[str, Report]]:
        """Poll many jobs, a hundred per request; the answers leave out unknown jobs."""
        for start in range(0, len(queries), MAX_JOBS_PER_QUERY):
            yield await self._query_list(
                [query.vendor_job_id for query in queries[start : start + MAX_JOBS_PER_QUERY]]
            )

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Upload an image inside a request and return its address there."""
        if not IMAGE_TYPE.fullmatch(content_type):
            raise Refused(f"“{name}” is no picture that CometAPI takes.")
        picture = f"data:{content_type};base64,{base64.b64encode(content).decode()}"
        answer = await self._send(
            "/mj/submit/upload-discord-images", json={"base64Array": [picture]}
        )
        url = uploaded_url_of(answer)
        if not url:
            raise error_of_order(answer, "the picture")
        return url

    async def stop(self, vendor_job_id: str) -> StopResult:
        """Ask the vendor to stop a job, then poll the job for the result.

        CometAPI has no such request. trueai's proxy has one, which succeeds even for finished jobs,
        so only the job shows the result (docs/vendor-contracts.md, section 3.6).
        """
        answer = await self._send(f"{_task_path(vendor_job_id)}/cancel")
        if answer.is_success and not is_html_page(answer):
            return await self._stop_result(vendor_job_id)
        # 400 is trueai's answer to accounts without this right.
        if answer.is_success or 300 <= answer.status < 400 or answer.status in {400, 404, 405, 501}:
            return StopResult.UNSUPPORTED
        raise error_of_order(answer, "the wish to stop the job")

    async def _stop_result(self, vendor_job_id: str) -> StopResult:
        try:
            report = await self.report(vendor_job_id)
        except TryLater as error:
            raise Unsure(
                "CometAPI was asked to stop the job but does not say whether it did."
            ) from error
        # A running job is polled as before, which will show it if the job is stopped after all.
        return STOP_RESULT_BY_PROGRESS.get(report.progress, StopResult.UNSUPPORTED)

    async def _query_list(self, ids: list[str]) -> dict[str, Report]:
        answer = await self._query("POST", "/mj/task/list-by-condition", json={"ids": ids})
        if not answer.is_success or not isinstance(answer.json, list):
            raise _error_of_list(answer)
        reports = (report_of(answer, task) for task in answer.json)
        return {
            report.vendor_job_id: report
            for report in reports
            if report is not None and report.vendor_job_id in ids
        }

    async def _query(self, method: str, path: str, **options: Any) -> Answer:
        try:
            return await self._http.query(method, path, **options)
        except httpx.RequestError as error:
            raise TryLater("CometAPI could not be reached; we ask again later.") from error


def _task_path(vendor_job_id: str) -> str:
    """Return a job's path; an id cannot lead to another path."""
    if not id_of(vendor_job_id):
        raise JobNotFound("This is no id of a job at CometAPI.")
    return f"/mj/task/{quote(vendor_job_id, safe='')}"


def _error_of_list(answer: Answer) -> Refused | TryLater:
    """Return the error of a list, which is never JobNotFound: it is about many jobs."""
    error = error_of_query(answer)
    if isinstance(error, Refused) and not isinstance(error, JobNotFound):
        return error
    return TryLater(
        "CometAPI is out of order; we ask again later.",
        vendor_message=message_of(answer),
        retry_after=answer.retry_after,
    )
