"""Starts the sandbox vendor; needs no database."""

from argparse import Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.sandbox.serving import add_options, serve


class Command(BaseCommand):
    """`manage.py sandbox --port 8790 --data var/sandbox --key KEY`."""

    help = "Run a video vendor of our own on this machine."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sandbox's own options."""
        add_options(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Serve until told to stop."""
        serve(Namespace(**options))
