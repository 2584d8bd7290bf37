"""Context for every template: the theme, and what this installation offers."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = {"dark", "light"}


def installation(request: HttpRequest) -> dict[str, Any]:
    """Return the person's theme ("" follows the system) and the installation's settings."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "is_demo": settings.DEMO,
        "sends_mail": settings.EMAIL_IS_CONNECTED,
        "sign_up_is_open": settings.SIGN_UP == "open",
    }
