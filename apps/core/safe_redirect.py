"""Safe redirects: follow ?next= only within this site."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def safe_redirect_url(request: HttpRequest, wanted: str, *, otherwise: str) -> str:
    """Return `wanted` if it is a path on this site, else the URL of the page named `otherwise`."""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith("/") else resolve_url(otherwise)
