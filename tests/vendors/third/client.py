"""A vendor that exists only in tests: another model family, in one folder.

Its parameters have other names, a clip is 4 to 10 seconds long, an order brings one take, and
nothing can be extended, listed, stopped, deleted or uploaded.
"""

from collections.abc import Mapping
from decimal import Decimal

import httpx

from apps.vendors.base import BaseClient
from apps.vendors.entries import VendorEntry
from apps.vendors.errors import (
    BadSignature,
    JobNotFound,
    Moderated,
    Refused,
    TryLater,
    Unsure,
    VendorError,
)
from apps.vendors.http import Answer, valid_job_id
from apps.vendors.offer import FailedJobCharge, Offer, Parameter, Tariff
from apps.vendors.parameters import check_parameters
from apps.vendors.types import Order, Output, Progress, Receipt, Report

SECONDS = Parameter(
    name="seconds", kind=int, default=6, choices=tuple(range(4, 11)), label="Seconds"
)
FORMAT = Parameter(
    name="format", kind=str, default="16:9", choices=("16:9", "9:16", "1:1"), label="Format"
)
GRAIN = Parameter(name="grain", kind=float, default=0, minimum=0, maximum=1, label="Film grain")
USD_PER_SECOND = Decimal("0.05")
PROGRESS = {"accepted": Progress.WAITING, "rendering": Progress.RUNNING, "ready": Progress.DONE}
OFFER = Offer(
    vendor="riverfilm",
    vendor_name="Riverfilm",
    model="river-2",
    schema_version="1",
    schema_name="only form",
    base_url="https://riverfilm.example",
    parameters=(SECONDS, FORMAT, GRAIN),
    tariffs=tuple(
        Tariff(model="river-2", variant=str(seconds), usd=seconds * USD_PER_SECOND, source="Page")
        for seconds in SECONDS.choices
    ),
    price_settings=(SECONDS.name,),
    shape_setting=FORMAT.name,
    length_setting=SECONDS.name,
    max_seconds=10,
    failed_job_charge=FailedJobCharge.NEVER_CHARGED,
    can_stop=False,
    retention_days=0,
)


class Riverfilm(BaseClient):
    """A client of one Riverfilm account."""

    offers = (OFFER,)

    async def submit(self, order: Order) -> Receipt:
        """Place an order once."""
        if order.extends:
            raise Refused("Riverfilm cannot extend a clip.")
        body = {
            "first_frame": order.image_url,
            "text": order.prompt,
            **check_parameters(self.offer, order.parameters),
        }
        answer = await self._send("/films", json=body)
        film = _film_of(answer)
        film_id = valid_job_id(film.get("id"), answer.clean_text)
        if not answer.is_success or not film_id:
            raise _error_of_order(answer)
        return Receipt(vendor_job_id=film_id, vendor_status=answer.clean_text(film.get("phase")))

    async def report(self, vendor_job_id: str) -> Report:
        """Poll one film."""
        try:
            answer = await self._http.query("GET", f"/films/{vendor_job_id}")
        except httpx.RequestError as error:
            raise TryLater("Riverfilm could not be reached.") from error
        film = _film_of(answer)
        if not answer.is_success or film.get("id") != vendor_job_id:
            raise _error_of_query(answer)
        phase, file = answer.clean_text(film.get("phase")), film.get("file")
        return Report(
            progress=PROGRESS.get(phase, Progress.UNKNOWN),
            vendor_status=phase,
            vendor_job_id=vendor_job_id,
            outputs=(Output(url=file),) if phase == "ready" and isinstance(file, str) else (),
        )


def _film_of(answer: Answer) -> Mapping[str, object]:
    film = answer.json_object.get("film")
    return film if isinstance(film, dict) else {}


def _error_of_order(answer: Answer) -> VendorError:
    """Return the error of an order: Unsure unless the answer proves that it was refused."""
    words = answer.clean_text(answer.json_object.get("error"))
    if answer.status == 429:
        return _slow_down(answer)
    if answer.status == 422 and answer.json_object.get("code") == "content":
        return Moderated("Riverfilm's moderation turned this down.", vendor_message=words)
    if answer.status in {400, 401, 402, 403, 422}:
        return Refused("Riverfilm refused the order.", vendor_message=words)
    return Unsure("Riverfilm did not confirm the order.", vendor_message=words)


def _error_of_query(answer: Answer) -> VendorError:
    if answer.status == 404:
        return JobNotFound("Riverfilm does not know this film.")
    return _slow_down(answer)


def _slow_down(answer: Answer) -> TryLater:
    words = answer.clean_text(answer.json_object.get("error"))
    return TryLater("Riverfilm is busy.", vendor_message=words, retry_after=answer.retry_after)


def parse_webhook(*_args: object, **_options: object) -> None:
    """Refuse every webhook: this vendor sends none."""
    raise BadSignature("Riverfilm sends no webhooks.")


RIVERFILM = VendorEntry(offers=Riverfilm.offers, client=Riverfilm, parse_webhook=parse_webhook)
