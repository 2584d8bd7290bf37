"""What the demo tells whoever stands at the door."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.desk.demo.texts import PASSWORD, PEOPLE


def demo_logins(request: HttpRequest) -> dict[str, Any]:
    """Return who can sign in to the demo, while nobody is; nothing outside the demo."""
    user = getattr(request, "user", None)  # a request refused at the outermost door has nobody yet
    if not settings.DEMO or user is None or user.is_authenticated:
        return {}
    people = [
        {"name": one.name, "email": one.email, "role": one.role.label, "password": PASSWORD}
        for one in PEOPLE
    ]
    return {"demo_logins": people}
