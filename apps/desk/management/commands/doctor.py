"""`manage.py doctor`: what is wrong with this installation, and how to mend it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.desk.doctor import examine

SIGNS = {True: "✓", False: "✗", None: "–"}


class Command(BaseCommand):
    """Examine everything and change nothing; end with code 1 when something is ill."""

    help = "Say what is wrong with this installation and how to mend it."
    requires_system_checks: list[str] = []  # they are part of what is told

    def handle(self, *_: Any, **__: Any) -> None:
        """Print a line for each finding."""
        ill = 0
        for part, finding in examine():
            ill += finding.good is False
            self.stdout.write(f"{SIGNS[finding.good]} {part:<10} {finding.words}")
            if finding.remedy:
                self.stdout.write(f"             → {finding.remedy}")
        self.stdout.write("")
        self.stdout.write(f"Ill: {ill}." if ill else "This installation is well.")
        sys.exit(1 if ill else 0)
