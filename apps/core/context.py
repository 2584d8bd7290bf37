"""What every template may ask."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = {"dark", "light"}


def house(request: HttpRequest) -> dict[str, Any]:
    """Return the chosen theme ("" follows the system), and what this installation does."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "is_demo": settings.DEMO,
        "sends_mail": settings.EMAIL_IS_CONNECTED,
        "sign_up_is_open": settings.SIGN_UP == "open",
    }
