"""Checks vendor accounts and says in plain words whether they work; orders nothing."""

import os
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import DomainError
from apps.jobs.account_check import CheckResult, check_account
from apps.jobs.models import VendorAccount
from apps.teams.scoping import everywhere
from apps.vendors.offer import Offer
from apps.vendors.registry import VENDORS, get_vendor, offer_of
from apps.vendors.types import Vendor

SIGNS = {True: "✓", False: "✗", None: "–"}
KEY = "MJWEB_VENDOR_KEY"
NO_SANDBOX = (
    "The address of the sandbox is not known here. Set MJWEB_SANDBOX_URL and MJWEB_SANDBOX_KEY, "
    "or use the data folder of `make run` (MJWEB_DATA)."
)


class Command(BaseCommand):
    """`manage.py vendor_check` for all accounts, `--kind wavespeed` for a key not connected yet."""

    help = "Check the keys, balances and prices of vendor accounts. Spends nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a name, or a vendor whose key is in the environment."""
        parser.add_argument("name", nargs="?", help="check only the accounts of this name")
        parser.add_argument(
            "--kind", choices=sorted(VENDORS), help=f"check the key in the variable {KEY} instead"
        )
        parser.add_argument("--base-url", default="", help="with --kind: the address of the vendor")
        parser.add_argument(
            "--private",
            action="store_true",
            help="with --kind: allow addresses on this machine or network",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the result of each check; end with an error where one failed."""
        checks = (
            self._checks_of_key(options) if options["kind"] else self._accounts(options["name"])
        )
        bad = False
        for title, offer, vendor in checks:
            self.stdout.write(f"\n{title} ({offer.vendor_name}, {offer.schema_name})")
            for result in async_to_sync(_all)(offer, vendor):
                bad = bad or result.good is False
                self.stdout.write(f"  {SIGNS[result.good]} {result.words}")
        self.stdout.write("\nNothing was ordered. Nothing was spent.")
        if bad:
            raise CommandError("A check failed. See the lines with ✗.")

    def _checks_of_key(self, options: dict[str, Any]) -> list[tuple[str, Offer, Vendor]]:
        key = os.environ.get(KEY, "")
        if not key:
            raise CommandError(
                f"Put the key into the environment variable {KEY}. Then no shell history keeps it."
            )
        offer = offer_of(options["kind"])
        base_url = options["base_url"] or offer.base_url
        try:
            vendor = get_vendor(
                options["kind"], base_url=base_url, api_key=key, allow_private=options["private"]
            )
        except DomainError as fault:
            raise CommandError(str(fault)) from None
        return [(base_url, offer, vendor)]

    def _accounts(self, name: str | None) -> list[tuple[str, Offer, Vendor]]:
        with everywhere():
            accounts = VendorAccount.objects.select_related("team").order_by("pk")
            if name:
                accounts = accounts.filter(name=name)
            checks, found = [], list(accounts)
            for account in found:
                if account.is_sandbox and not settings.SANDBOX_URL:
                    self.stderr.write(f"{account.team}: {account.name}: {NO_SANDBOX}")
                    continue
                try:
                    checks.append(
                        (f"{account.team}: {account.name}", account.offer, account.vendor())
                    )
                except DomainError as fault:
                    self.stderr.write(f"{account.team}: {account.name}: {fault}")
        if not found:
            raise CommandError("There is no vendor account to check.")
        if not checks:
            raise CommandError("No vendor account can be checked. See the lines above.")
        return checks


async def _all(offer: Offer, vendor: Vendor) -> list[CheckResult]:
    return [result async for result in check_account(offer, vendor)]
