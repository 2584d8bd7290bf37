"""`manage.py createsuperuser`: Django's own, with a verified email."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from apps.teams.models import User
from apps.teams.services import mark_email_verified


class Command(createsuperuser.Command):
    """Creates an operator without a verification mail."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the operator, and mark the email as verified."""
        known = set(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=known):
            mark_email_verified(user)
