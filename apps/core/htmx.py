"""Responses to htmx: a part of a page, or a redirect."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from apps.core.requests import Request


def render_page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    parts: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or the partial that `parts` names for the htmx target.

    `parts` maps an element id to a partial's name: a client gets only what the view offers. Vary is
    set on both answers, so that no cache serves a fragment in place of a page.
    """
    htmx = request.htmx
    wants_part = htmx and not htmx.boosted and not htmx.history_restore_request
    part = (parts or {}).get(htmx.target or "") if wants_part else None
    response = render(
        request, f"{template}#{part}" if part else template, dict(context), status=status
    )
    patch_vary_headers(response, ["HX-Request", "HX-Target", "HX-Boosted"])
    return response


def go_to(request: Request, to: Any, *args: Any) -> HttpResponse:
    """Redirect to another page, whether the request came from a browser or from htmx."""
    if request.htmx:
        return HttpResponseClientRedirect(resolve_url(to, *args))
    return redirect(to, *args)
