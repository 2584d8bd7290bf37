"""`manage.py reseal`: seals every stored secret with the newest of MJWEB_ENCRYPTION_KEYS."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.operations.reseal import reseal_all


class Command(BaseCommand):
    """Go through all sealed columns; end with code 1 while something cannot be read."""

    help = "Seal every stored secret with the newest key, so that older keys can leave the list."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument(
            "--check", action="store_true", help="only count what is sealed with older keys"
        )

    def handle(self, *_: Any, check: bool, **__: Any) -> None:
        """Print a line for each column."""
        unreadable = waiting = 0
        done = "to be resealed" if check else "resealed"
        for place, tally in reseal_all(only_count=check):
            counts = f"{tally.fresh} up to date, {tally.resealed} {done}"
            print(f"{place}: {counts}, {tally.unreadable} unreadable")
            unreadable += tally.unreadable
            waiting += tally.resealed * check
        if unreadable:
            print("Keep every key: an unreadable secret was sealed with a key outside the list.")
        elif not waiting:
            print(
                "Everything is sealed with the newest key: "
                "older ones can be removed from MJWEB_ENCRYPTION_KEYS."
            )
        sys.exit(1 if unreadable or waiting else 0)
