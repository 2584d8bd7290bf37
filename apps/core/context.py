"""What every template may ask."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = {"dark", "light"}


def house(request: HttpRequest) -> dict[str, Any]:
    """Return the chosen theme ("" follows the system) and whether this is the demo."""
    theme = request.COOKIES.get("theme", "")
    return {"theme": theme if theme in THEMES else "", "is_demo": settings.DEMO}
