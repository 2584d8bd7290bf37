"""`manage.py createsuperuser`: Django's own, and the address needs no proof by mail."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from apps.teams.models import User
from apps.teams.services import mark_email_verified


class Command(createsuperuser.Command):
    """A way in for operators that needs no mail server."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the operator, and vouch for whoever was made."""
        known = set(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=known):
            mark_email_verified(user)
