"""CometAPI, or any proxy of the same protocol, over HTTP: no retries, no sleeps.

Source: docs/vendor-contracts.md, section 3.
"""

import base64
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from apps.vendors.base import BaseClient
from apps.vendors.comet.answers import id_of, is_page, message_of
from apps.vendors.comet.answers_to_errors import error_of_order, error_of_query
from apps.vendors.comet.parsing import address_of, receipt_of, report_of
from apps.vendors.comet.schema import OFFERS, body_of, path_of
from apps.vendors.errors import JobNotFound, Refused, TryLater, Unsure
from apps.vendors.http import Answer
from apps.vendors.types import JobQuery, Order, Progress, Receipt, Report, StopResult

MAX_JOBS_PER_QUERY = 100  # docs/vendor-contracts.md, section 3.5
IMAGE_TYPE = re.compile(r"image/[a-z0-9.+-]{1,60}")
# What a job may have come to by the time we look whether it was stopped.
RESULT_BY_PROGRESS = {
    Progress.CANCELLED: StopResult.STOPPED,
    Progress.DONE: StopResult.TOO_LATE,
    Progress.FAILED: StopResult.TOO_LATE,
    Progress.MODERATED: StopResult.TOO_LATE,
}


class Comet(BaseClient):
    """The door to one CometAPI account."""

    offers = OFFERS
    prefix = "/mj"

    async def submit(self, order: Order) -> Receipt:
        """Place an order once; what may have arrived is Unsure, never sent a second time."""
        path, body = path_of(self.offer, order), body_of(self.offer, order)
        answer = await self._send(path, json=body)
        receipt = receipt_of(answer)
        if receipt is None:
            raise error_of_order(answer)
        return receipt

    async def report(self, vendor_job_id: str) -> Report:
        """Ask once how a job is doing; just after its order CometAPI may not know it yet, and that is Lost too."""
        answer = await self._look("GET", f"{_place(vendor_job_id)}/fetch")
        report = report_of(answer, answer.json) if answer.is_success else None
        if report is None:
            raise error_of_query(answer)
        if report.vendor_job_id != vendor_job_id:
            raise TryLater(
                "CometAPI told about another job than we asked for.",
                vendor_words=report.vendor_job_id,
            )
        return report

    async def reports(
        self,
        asked: Sequence[JobQuery],
        *,
        close_jobs_only: bool = False,  # noqa: ARG002  # its list names jobs, not stretches of time
    ) -> AsyncIterator[Mapping[str, Report]]:
        """Ask about many jobs, a hundred at a time; the answer has no order and leaves out what is not known."""
        for start in range(0, len(asked), MAX_JOBS_PER_QUERY):
            yield await self._list(
                [one.vendor_job_id for one in asked[start : start + MAX_JOBS_PER_QUERY]]
            )

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Give CometAPI a picture inside the request and return the address it has there."""
        if not IMAGE_TYPE.fullmatch(content_type):
            raise Refused(f"“{name}” is no picture that CometAPI takes.")
        picture = f"data:{content_type};base64,{base64.b64encode(content).decode()}"
        answer = await self._send(
            "/mj/submit/upload-discord-images", json={"base64Array": [picture]}
        )
        address = address_of(answer)
        if not address:
            raise error_of_order(answer, "the picture")
        return address

    async def stop(self, vendor_job_id: str) -> StopResult:
        """Ask for a job to be stopped where there is such a way, and look whether it was.

        CometAPI has none. trueai's proxy has one, and says yes to everything, to a finished job as
        well: only the job itself can tell (docs/vendor-contracts.md, section 3.6; its TaskController).
        """
        answer = await self._send(f"{_place(vendor_job_id)}/cancel")
        if answer.is_success and not is_page(answer):
            return await self._what_became_of(vendor_job_id)
        # 400 is trueai's answer to accounts that may not stop anything.
        if answer.is_success or 300 <= answer.status < 400 or answer.status in {400, 404, 405, 501}:
            return StopResult.UNSUPPORTED
        raise error_of_order(answer, "the wish to stop the job")

    async def _what_became_of(self, vendor_job_id: str) -> StopResult:
        try:
            report = await self.report(vendor_job_id)
        except TryLater as error:
            raise Unsure(
                "CometAPI was asked to stop the job but does not say whether it did."
            ) from error
        # A job that still goes on is followed as before; should it end as stopped after all, that
        # is seen then.
        return RESULT_BY_PROGRESS.get(report.progress, StopResult.UNSUPPORTED)

    async def _list(self, ids: list[str]) -> dict[str, Report]:
        answer = await self._look("POST", "/mj/task/list-by-condition", json={"ids": ids})
        if not answer.is_success or not isinstance(answer.json, list):
            raise _error_of_list(answer)
        reports = (report_of(answer, task) for task in answer.json)
        return {
            one.vendor_job_id: one
            for one in reports
            if one is not None and one.vendor_job_id in ids
        }

    async def _look(self, method: str, path: str, **options: Any) -> Answer:
        try:
            return await self._http.query(method, path, **options)
        except httpx.RequestError as error:
            raise TryLater("CometAPI could not be reached; we ask again later.") from error


def _place(vendor_job_id: str) -> str:
    """Return a job's address, which no id can leave."""
    if not id_of(vendor_job_id):
        raise JobNotFound("This is no id of a job at CometAPI.")
    return f"/mj/task/{quote(vendor_job_id, safe='')}"


def _error_of_list(answer: Answer) -> Refused | TryLater:
    """Return what a bad answer to a list means; it says nothing about any one of its jobs."""
    trouble = error_of_query(answer)
    if isinstance(trouble, Refused) and not isinstance(trouble, JobNotFound):
        return trouble
    return TryLater(
        "CometAPI is out of order; we ask again later.",
        vendor_words=message_of(answer),
        retry_after=answer.retry_after,
    )
