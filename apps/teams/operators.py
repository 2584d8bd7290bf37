"""The admin site: operators serve every team."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse

from apps.teams.scoping import everywhere


class OperatorsSite(AdminSite):
    """Django's admin site, outside of all scopes."""

    def admin_view(  # type: ignore[override]  # the stubs promise the very view that came in
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> Callable[..., Any]:
        """Answer, and write the answer down, with every team's rows in sight."""
        guarded: Callable[..., HttpResponse] = super().admin_view(view, cacheable)

        @wraps(view)
        def across_teams(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with everywhere():
                response = guarded(request, *args, **kwargs)
                return response.render() if isinstance(response, SimpleTemplateResponse) else response

        return across_teams
