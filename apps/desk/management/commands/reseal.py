"""`manage.py reseal`: every sealed secret is sealed with the newest of MJWEB_ENCRYPTION_KEYS."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.desk.keys import every_tally


class Command(BaseCommand):
    """Go through all sealed columns; end with code 1 while something can't be read."""

    help = "Seals every stored secret with the newest key, so that older keys can be taken off the list."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument(
            "--check", action="store_true", help="only count what is sealed with older keys"
        )

    def handle(self, *_: Any, check: bool, **__: Any) -> None:
        """Print a line for each column."""
        unreadable = waiting = 0
        for where, tally in every_tally(only_count=check):
            done = "to be sealed anew" if check else "sealed anew"
            print(
                f"{where}: {tally.fresh} up to date, {tally.resealed} {done}, {tally.unreadable} unreadable"
            )
            unreadable, waiting = unreadable + tally.unreadable, waiting + tally.resealed * check
        if unreadable:
            print(
                "Keep every key: what is unreadable was sealed with one that is missing from the list."
            )
        elif not waiting:
            print(
                "Everything is sealed with the newest key: older ones can be taken off MJWEB_ENCRYPTION_KEYS."
            )
        sys.exit(1 if unreadable or waiting else 0)
