"""Ways that a request names itself."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def way_on(request: HttpRequest, wanted: str, *, otherwise: str) -> str:
    """Return `wanted` if it is a page of this house, else the page of that name: no link leads elsewhere by us."""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith("/") else resolve_url(otherwise)
