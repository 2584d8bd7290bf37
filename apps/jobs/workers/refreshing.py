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

# USD; what is named beyond it stands for something else, and no row could hold all of it
BEYOND = 10_000_000
OFTEN = timedelta(minutes=10)
LOW = Decimal(5)  # USD; whoever has less left is told once, when it falls below
AFTER_TROUBLE = timedelta(minutes=2)


def claim_accounts_due() -> list[int]:
    """Return each account whose vendor has not been asked for long, to one caller only."""
    accounts = VendorAccount.objects.only("pk", "refresh_at")
    return [account.pk for account in claim_due(accounts, "refresh_at", lasts=OFTEN, limit=20)]


def refresh_account(account: VendorAccount) -> None:
    """Ask what a vendor can say without being paid, and keep it."""
    try:
        balance, secret, prices = async_to_sync(_ask_vendor)(account)
    except DomainError as fault:
        log.info("account_not_tended", account=account.pk, reason=str(fault))
        VendorAccount.objects.filter(pk=account.pk).update(
            refresh_at=timezone.now() + AFTER_TROUBLE
        )
        return
    changes: dict[str, object] = {}
    if balance is not None and abs(balance) < BEYOND:
        changes |= {"balance": balance, "balance_at": timezone.now()}
        if balance < LOW and (account.balance is None or account.balance >= LOW):
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
