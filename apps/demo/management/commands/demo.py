"""`manage.py demo`: a demo team with work on its way."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.demo.seed import is_seeded, seed
from apps.demo.texts import PASSWORD, PEOPLE


class Command(BaseCommand):
    """Seed the demo once, or print its logins."""

    help = "Fill an empty installation with a demo team; a second call changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --logins and --longest."""
        parser.add_argument("--logins", action="store_true", help="only print who can sign in")
        parser.add_argument(
            "--longest",
            type=int,
            default=0,
            help="shrink the pictures to so many px on their longer side",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Seed, or print the logins."""
        if not settings.DEMO:
            raise CommandError(
                "The demo has a published password. Set MJWEB_DEMO=1 if that is what you want."
            )
        if options["logins"]:
            self._print_logins()
        elif not is_seeded():
            seed(longest=options["longest"])

    def _print_logins(self) -> None:
        self.stdout.write("\n  Demo logins (password for all: " + PASSWORD + ")")
        for person in PEOPLE:
            self.stdout.write(f"    {person.email:<26} {person.name}, {person.role.label}")
