"""`manage.py doctor`: what is wrong with this installation, and the remedy."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.operations.doctor import examine

SIGNS = {True: "✓", False: "✗", None: "–"}


class Command(BaseCommand):
    """Check everything and change nothing; end with code 1 when something is wrong."""

    help = "Say what is wrong with this installation and how to mend it."
    requires_system_checks: list[str] = []  # they are among the findings

    def handle(self, *_: Any, **__: Any) -> None:
        """Print a line for each finding."""
        problems = 0
        for name, finding in examine():
            problems += finding.good is False
            self.stdout.write(f"{SIGNS[finding.good]} {name:<10} {finding.words}")
            if finding.remedy:
                self.stdout.write(f"             → {finding.remedy}")
        self.stdout.write("")
        self.stdout.write(f"Problems: {problems}." if problems else "No problems.")
        sys.exit(1 if problems else 0)
