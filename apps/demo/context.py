"""The demo's logins on the sign-in page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.demo.texts import PASSWORD, PEOPLE


def demo_logins(request: HttpRequest) -> dict[str, Any]:
    """Return who can sign in to the demo, while nobody is signed in; nothing outside the demo."""
    user = getattr(request, "user", None)  # a request that a middleware refused has no user yet
    if not settings.DEMO or user is None or user.is_authenticated:
        return {}
    people = [
        {"name": one.name, "email": one.email, "role": one.role.label, "password": PASSWORD}
        for one in PEOPLE
    ]
    return {"demo_logins": people}
