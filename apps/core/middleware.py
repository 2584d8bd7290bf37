"""Middleware: security headers, UTF-8 bodies only, and answers to domain errors."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import reswap, retarget

from apps.core.errors import DomainError, NotAllowed
from apps.core.requests import Request


class OwnSiteMiddleware:
    """Forbid other sites to embed our responses, for instance as an image or a script."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set Cross-Origin-Resource-Policy where no view has."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class CharsetMiddleware:
    """Answer 400 to a body that is not UTF-8: Django fails on charsets it does not know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on requests that declare UTF-8 or no charset."""
        charset = (request.content_params or {}).get("charset", "utf-8").strip('"').lower()
        if charset not in {"utf-8", "utf8"}:
            return HttpResponse("Send text as UTF-8.", status=400, content_type="text/plain")
        return self.get_response(request)


class DomainErrorMiddleware:
    """Answer a DomainError with a toast for htmx, else a page; 403 for NotAllowed, else 422."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass every request on."""
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
