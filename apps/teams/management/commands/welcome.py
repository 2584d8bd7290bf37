"""`manage.py welcome`: prints the sign-up link of the first owner."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from apps.teams.services import has_no_users, new_first_owner_token


class Command(BaseCommand):
    """Prints the link, or nothing where there is an account."""

    help = "Print the sign-up link for the first owner, while there is no account."

    def handle(self, **options: Any) -> None:  # noqa: ARG002
        """Print the link."""
        if not has_no_users():
            return
        path = reverse("teams:welcome", args=[new_first_owner_token()])
        self.stdout.write(
            "There is no account yet. "
            "The first owner signs up here; the link works once, for 24 hours:\n\n"
            f"  {settings.PUBLIC_URL}{path}\n"
        )
