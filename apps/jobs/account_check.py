"""Checks a vendor account: its key, its balance and the price of a clip. Spends nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.formatting import usd
from apps.vendors.errors import JobNotFound, VendorError
from apps.vendors.offer import Offer, Value
from apps.vendors.types import Vendor

UNKNOWN_JOB_ID = "1795219200000000"  # no job has it; digits fit the ids of every vendor


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check in plain words; `good` is None where the vendor does not say."""

    good: bool | None
    words: str


async def check_account(offer: Offer, vendor: Vendor) -> AsyncIterator[CheckResult]:
    """Check one thing after the other; a key that is not accepted ends it."""
    async with vendor:
        key = await _key(offer, vendor)
        yield key
        if not key.good:
            return
        yield await _balance(offer, vendor)
        for parameters in _choices(offer):
            yield await _price(offer, vendor, parameters)


async def _key(offer: Offer, vendor: Vendor) -> CheckResult:
    try:
        await vendor.report(UNKNOWN_JOB_ID)
    except JobNotFound:
        return CheckResult(True, _("%s answers and accepts the key.") % offer.vendor_name)
    except VendorError as fault:
        return CheckResult(False, f"{fault} {fault.vendor_message}".strip())
    return CheckResult(True, _("%s answers and accepts the key.") % offer.vendor_name)


async def _balance(offer: Offer, vendor: Vendor) -> CheckResult:
    if not offer.has_balance:
        return CheckResult(None, _("%s does not show a balance.") % offer.vendor_name)
    try:
        left = await vendor.balance()
    except VendorError as fault:
        return CheckResult(False, _("The balance could not be checked: %s") % fault)
    if left is None:
        return CheckResult(
            None, _("%s does not show the balance of this account.") % offer.vendor_name
        )
    return CheckResult(left > 0, _("The balance is %s.") % usd(left))


def _choices(offer: Offer) -> list[dict[str, Value]]:
    """Return one set of parameters for each price there can be."""
    settings = offer.priced_parameters
    if not offer.model_setting:
        return settings
    return [{**one, offer.model_setting: mode} for one in settings for mode in offer.models or {}]


async def _price(offer: Offer, vendor: Vendor, parameters: dict[str, Value]) -> CheckResult:
    what = " ".join(str(value) for value in parameters.values())
    price: Decimal | None = None
    try:
        price = await vendor.price(parameters) if offer.has_live_price else None
    except VendorError:
        price = None
    if price is not None:
        return CheckResult(
            True,
            _("A job in %(what)s costs %(usd)s today.") % {"what": what, "usd": usd(price)},
        )
    tariff = offer.tariff_for(parameters)
    if tariff is None:
        return CheckResult(None, _("The price of a job in %s is unknown.") % what)
    words = _("A job in %(what)s costs %(usd)s by the vendor's documents (%(source)s).")
    return CheckResult(
        None, words % {"what": what, "usd": usd(tariff.usd), "source": tariff.source}
    )
