"""Says in plain words whether a vendor account works; orders nothing."""

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
    "Nobody says here where the sandbox is: `make run` keeps that in its data folder (MJWEB_DATA). Or "
    "set MJWEB_SANDBOX_URL and MJWEB_SANDBOX_KEY."
)


class Command(BaseCommand):
    """`manage.py vendor_check` for every account, or `--kind wavespeed` for a key that is not connected yet."""

    help = "Ask whether vendor accounts work, what they have left and what a clip costs. Spends nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a name, or a vendor and the variable that holds a key."""
        parser.add_argument("name", nargs="?", help="only the accounts of this name")
        parser.add_argument(
            "--kind", choices=sorted(VENDORS), help=f"check the key in {KEY} instead"
        )
        parser.add_argument("--base-url", default="", help="with --kind: where that vendor is")
        parser.add_argument(
            "--private", action="store_true", help="it may be on this machine or network"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check and say; end with an error when something does not work."""
        checks = (
            self._checks_of_key(options) if options["kind"] else self._accounts(options["name"])
        )
        bad = False
        for title, offer, vendor in checks:
            self.stdout.write(f"\n{title} ({offer.vendor_name}, {offer.schema_name})")
            for finding in async_to_sync(_all)(offer, vendor):
                bad = bad or finding.good is False
                self.stdout.write(f"  {SIGNS[finding.good]} {finding.words}")
        self.stdout.write("\nNothing was ordered and nothing was spent.")
        if bad:
            raise CommandError("Something does not work; see the lines with ✗.")

    def _checks_of_key(self, options: dict[str, Any]) -> list[tuple[str, Offer, Vendor]]:
        key = os.environ.get(KEY, "")
        if not key:
            raise CommandError(
                f"Put the key into the environment variable {KEY}: it then stands in no shell history."
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
            raise CommandError("None of the vendor accounts can be asked; the lines above say why.")
        return checks


async def _all(offer: Offer, vendor: Vendor) -> list[CheckResult]:
    return [finding async for finding in check_account(offer, vendor)]
