"""`manage.py migrate_back`: the tables as an older version of mjweb had them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from apps.core.squashing import SingleExecutor


class Command(BaseCommand):
    """Take migrations back one by one, also those that a squashed migration replaces."""

    help = "Take back all of a room's migrations after the given one, and what stands on them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the room and the name of its last migration that stays."""
        parser.add_argument("room")
        parser.add_argument("migration", help="the whole name, such as 0009_plain_names")

    def handle(self, *_: Any, room: str, migration: str, **__: Any) -> None:
        """Migrate back and print what was taken back."""
        executor = SingleExecutor(connection)
        if (room, migration) not in executor.loader.applied_migrations:
            raise CommandError(f"{room}.{migration} is not applied.")
        plan = executor.migration_plan([(room, migration)])
        executor.migrate([(room, migration)], plan=plan)
        for step, _backwards in plan:
            self.stdout.write(f"taken back: {step}")
