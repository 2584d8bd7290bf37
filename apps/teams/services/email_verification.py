"""Addresses that need no proof by mail."""

from allauth.account.models import EmailAddress

from apps.teams.models import User


def mark_email_verified(user: User) -> None:
    """Take the person's address for theirs: whoever has the installation's log or command line says so."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
