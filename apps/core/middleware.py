"""The one place where a broken rule is told to a person."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import reswap, retarget

from apps.core.errors import DomainError, NotAllowed
from apps.core.requests import Request


class OwnSiteMiddleware:
    """Keep other sites from loading what we answer, into an image or a script of theirs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark every answer as this site's own."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class CharsetMiddleware:
    """Answer 400 to a body in any charset but UTF-8: Django would stumble over names it does not know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let everything through that says UTF-8 or nothing."""
        if (request.content_params or {}).get("charset", "utf-8").strip('"').lower() not in {
            "utf-8",
            "utf8",
        }:
            return HttpResponse("Send text as UTF-8.", status=400, content_type="text/plain")
        return self.get_response(request)


class DomainErrorMiddleware:
    """Turn a DomainError into a toast for htmx, or a page of its own: 403 for NotAllowed, else 422."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let every request through."""
        return self.get_response(request)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        """Answer a DomainError; leave every other exception alone."""
        if not isinstance(exception, DomainError):
            return None
        status = 403 if isinstance(exception, NotAllowed) else 422
        if not request.htmx:
            return render(request, "problem.html", {"problem": exception}, status=status)
        response = render(request, "problem.html#notice", {"problem": exception}, status=status)
        return reswap(retarget(response, "#toasts"), "beforeend")
