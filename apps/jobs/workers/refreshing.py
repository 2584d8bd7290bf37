"""Refreshing a vendor account: its balance, today's prices and its webhook secret."""

from datetime import timedelta
from decimal import Decimal

import structlog
from asgiref.sync import async_to_sync
from django.utils import timezone

from apps.budgets import services as budgets
from apps.core.claims import claim_due
from apps.core.errors import DomainError
from apps.core.events import record
from apps.core.secrets import seal
from apps.jobs.models import VendorAccount
from apps.vendors.errors import VendorError
from apps.vendors.offer import Offer, Value
from apps.vendors.types import Vendor

log = structlog.get_logger(__name__)

# A balance beyond this is an error of the vendor, and no column could hold it.
BALANCE_CEILING_USD = 10_000_000
REFRESH_EVERY = timedelta(minutes=10)
# Below this, people are notified once.
LOW_BALANCE_USD = Decimal(5)
RETRY_AFTER_FAULT = timedelta(minutes=2)


def claim_accounts_due() -> list[int]:
    """Return each account that is due for a refresh, to one caller only."""
    accounts = VendorAccount.objects.only("pk", "refresh_at")
    return [
        account.pk for account in claim_due(accounts, "refresh_at", lasts=REFRESH_EVERY, limit=20)
    ]


def refresh_account(account: VendorAccount) -> None:
    """Fetch balance, prices and webhook secret of an account, and save them."""
    try:
        balance, secret, prices = async_to_sync(_ask_vendor)(account)
    except DomainError as fault:
        log.info("account_not_refreshed", account=account.pk, reason=str(fault))
        VendorAccount.objects.filter(pk=account.pk).update(
            refresh_at=timezone.now() + RETRY_AFTER_FAULT
        )
        return
    changes: dict[str, object] = {}
    if balance is not None and abs(balance) < BALANCE_CEILING_USD:
        changes |= {"balance": balance, "balance_at": timezone.now()}
        if balance < LOW_BALANCE_USD and (
            account.balance is None or account.balance >= LOW_BALANCE_USD
        ):
            record("ran_low", account.subject, name=account.name, left=f"{balance:.2f}")
    if secret and account.webhook_secrets != [secret]:
        changes["sealed_webhook_secret"] = seal(secret)
    if changes:
        VendorAccount.objects.filter(pk=account.pk).update(**changes)
    for parameters, usd in prices:
        budgets.record_live_price(account.team, account.offer, parameters, usd)


async def _ask_vendor(
    account: VendorAccount,
) -> tuple[Decimal | None, str, list[tuple[dict[str, Value], Decimal]]]:
    offer = account.offer
    async with account.vendor() as vendor:
        balance = await vendor.balance() if offer.has_balance else None
        secret = await vendor.webhook_secret() if offer.has_signed_webhooks else ""
        prices = await _prices(vendor, offer) if offer.has_live_price else []
    return balance, secret, prices


async def _prices(vendor: Vendor, offer: Offer) -> list[tuple[dict[str, Value], Decimal]]:
    """Ask for the price of each variant, with the defaults of every other setting."""
    prices: list[tuple[dict[str, Value], Decimal]] = []
    for parameters in offer.priced_parameters:
        try:
            usd = await vendor.price(parameters)
        except VendorError:
            continue
        if usd is not None:
            prices.append((parameters, usd))
    return prices
