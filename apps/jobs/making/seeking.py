"""Looking for orders whose answer was lost: at the vendor's list, and by what the vendor's calls said.

Nothing here sends anything. An order that is found goes on as if its answer had come; one that is not found
stays in doubt until a person decides, and is looked for until the vendor cannot have it any more.
"""

import asyncio
from dataclasses import replace
from datetime import datetime

import structlog
from asgiref.sync import async_to_sync
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.jobs.making.fates import never, taken, unknowable
from apps.jobs.models import Lane, Sending, VendorAccount
from apps.jobs.models.jobs import RETENTION
from apps.jobs.states import Fate, State
from apps.vendors.errors import Refused, TryLater, VendorError
from apps.vendors.types import Report

log = structlog.get_logger(__name__)

# Orders lost hours apart are looked for in as many stretches of the vendor's list: a pass must come to its end.
AT_ONCE = 12
SEARCH_SECONDS = 35.0


def seek(lane: Lane) -> datetime | None:
    """Look once for each sending on this lane that is due; return when to come by again, None for at once."""
    if lane.is_closed:
        return lane.closed_until
    due = Sending.objects.filter(job__account__in=lane.accounts.all())
    # While a vendor is out of order, or too slow for several, one search at a time still gets through.
    sendings = list(due.claim_sought(limit=1 if lane.is_broken else AT_ONCE))
    account = lane.accounts.order_by("pk").first()
    if not sendings or account is None:
        return None
    found: dict[str, Report] | None = None
    try:
        found, answered = async_to_sync(_found_in_time)(account, sendings)
        if answered:
            lane.recovered()
    except TryLater as trouble:
        lane.stumbled(str(trouble), retry_after=trouble.retry_after)
    except DomainError as fault:  # refused, or our own key cannot be read: there is another time
        log.warning("not_sought", lane=str(lane), reason=str(fault))
    for sending in sendings:
        try:
            _settle(sending, found)
        except Exception:  # it is looked for again; meanwhile it keeps no other from being found
            log.exception("sending_not_settled", mark=sending.mark)
    return None


async def _found_in_time(account: VendorAccount, sendings: list[Sending]) -> tuple[dict[str, Report], bool]:
    try:
        async with asyncio.timeout(SEARCH_SECONDS):
            return await _found(account, sendings)
    except TimeoutError:
        raise TryLater(_("%s takes too long to answer.") % account.offer.vendor_name) from None


async def _found(account: VendorAccount, sendings: list[Sending]) -> tuple[dict[str, Report], bool]:
    """Return what the vendor has of our sendings, by mark; and whether it has answered anything at all."""
    found: dict[str, Report] = {}
    answered = account.offer.can_find
    async with account.vendor() as vendor:
        if account.offer.can_find:
            found |= await vendor.find([one.wanted() for one in sendings])
        for sending in sendings:
            if not sending.hinted_id or sending.mark in found:
                continue
            try:
                report = await vendor.report(sending.hinted_id)
            except VendorError as trouble:  # one strange id keeps no other sending from being found
                answered = answered or isinstance(trouble, Refused)
                continue
            answered = True
            if _is_of(sending, report):
                found[sending.mark] = replace(report, vendor_job_id=report.vendor_job_id or sending.hinted_id)
    return found, answered


def _is_of(sending: Sending, report: Report) -> bool:
    """Whether a job that a call named is ours: it repeats something of this sending."""
    return report.mark == sending.mark or bool(report.image_url and report.image_url == sending.image_url)


def _settle(sending: Sending, found: dict[str, Report] | None) -> None:
    """Take up a sending that was found, or look again later; `found` is None where nobody could look."""
    report = found.get(sending.mark) if found else None
    try:
        if report and report.vendor_job_id and adopt(sending, report):
            return
    except IntegrityError:  # another job was given this id a moment earlier
        log.exception("not_adopted", mark=sending.mark, vendor_job_id=report and report.vendor_job_id)
    _not_there(sending, looked=found is not None)


def adopt(sending: Sending, report: Report) -> bool:
    """Take up a job that the vendor has after all, where its order stands now."""
    return taken(
        sending,
        report.vendor_job_id,
        vendor_word=report.vendor_word,
        taken_at=_taken_at(sending, report),
        vendor_created_at=report.created_at,
    )


def _taken_at(sending: Sending, report: Report) -> datetime:
    """Return when the vendor took it: its clock is believed no further than ours, by which we stop watching."""
    return min(max(report.created_at or sending.sent_at, sending.sent_at), timezone.now())


def _not_there(sending: Sending, *, looked: bool) -> None:
    """Look again later; after the vendor's own memory has run out, and one more look, it never arrived."""
    now = timezone.now()
    if looked and now - sending.sent_at >= max(sending.job.retention, RETENTION):
        # One from before orders had an address of their own (migration 0003) cannot be told in any list.
        if not (sending.job.account.offer.can_find and sending.image_url):
            why = _("Nobody can ask this vendor whether it took the order.")
        elif not sending.looks:  # what is forgotten by now proves nothing
            why = _("Nobody looked for it while the vendor could have known it.")
        else:
            why = _("The vendor has nothing of it, and would have forgotten it by now.")
            never(sending, State.FAILED, reason=why)
            return
        unknowable(sending, why + " " + _("Look at the vendor's own list, and say what it cost."))
        return
    # People decide by how often it was looked for: a search that the vendor did not answer was none.
    # A call that has come meanwhile has set a nearer time.
    here = Sending.objects.filter(pk=sending.pk, fate=Fate.UNKNOWN, hinted_id=sending.hinted_id)
    here.update(looks=sending.looks + looked, seek_at=now + sending.pause)
