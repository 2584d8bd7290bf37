"""`manage.py welcome`: the way in for the first person."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from apps.teams.services import has_no_users, new_first_owner_token


class Command(BaseCommand):
    """Prints the link; on an installation where somebody is, nothing."""

    help = "Print the link by which the first owner comes in, while nobody is here yet."

    def handle(self, **options: Any) -> None:  # noqa: ARG002
        """Print it."""
        if not has_no_users():
            return
        way = reverse("teams:welcome", args=[new_first_owner_token()])
        self.stdout.write(
            "Nobody has an account here yet. The first owner comes in by this link, once, within 24 hours:\n\n"
            f"  {settings.PUBLIC_URL}{way}\n"
        )
