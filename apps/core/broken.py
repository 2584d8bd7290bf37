"""The page for what broke on our side, whichever part of Django it broke in."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error
from django_htmx.http import reswap, retarget

from apps.core.room import NO_ROOM, is_no_room

INSUFFICIENT_STORAGE = 507


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 507 with what to do where there was no room left, else the page that needs nothing: 500.

    Called while the exception is handled; pages are written without the database, which may be what
    is full.
    """
    if not is_no_room(sys.exc_info()[1]):
        return server_error(request)
    part = "#notice" if request.headers.get("HX-Request") else ""
    page = render_to_string(f"no_room.html{part}", {"problem": NO_ROOM})
    response = HttpResponse(page, status=INSUFFICIENT_STORAGE)
    return reswap(retarget(response, "#toasts"), "beforeend") if part else response
