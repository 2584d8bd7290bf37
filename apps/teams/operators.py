"""The admin site: operators serve every team."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils.decorators import method_decorator

from apps.teams.scoping import everywhere


class OperatorsSite(AdminSite):
    """Django's admin site, outside of all scopes."""

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send operators through everybody's door: it counts wrong passwords, Django's own does not."""
        return super().login(request, extra_context)

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
