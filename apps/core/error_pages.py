"""The pages for a server error (500, or 507 when the disk is full) and for an outdated form."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import server_error
from django_htmx.http import reswap, retarget

from apps.core.disk_full import DISK_FULL, is_disk_full

INSUFFICIENT_STORAGE = 507


def server_error_page(request: HttpRequest) -> HttpResponse:
    """Answer 507 with what to do when the disk is full, else the plain page for 500.

    Django calls this while it handles the exception. The page is rendered without the database,
    which may be what is full.
    """
    if not is_disk_full(sys.exc_info()[1]):
        return server_error(request)
    part = "#notice" if request.headers.get("HX-Request") else ""
    page = render_to_string(f"disk_full.html{part}", {"problem": DISK_FULL})
    response = HttpResponse(page, status=INSUFFICIENT_STORAGE)
    return reswap(retarget(response, "#toasts"), "beforeend") if part else response


def outdated_form_page(request: HttpRequest, **_reason: str) -> HttpResponse:
    """Answer a form whose token is no longer valid, as after a new sign-in in another tab.

    A page of ours loads itself anew, keeps what was typed, and has the valid token then. Django
    has logged the reason.
    """
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})
    return render(request, "outdated_form.html", status=403)
