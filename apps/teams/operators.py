"""The admin site for operators, who serve every team."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.teams.scoping import everywhere
from apps.teams.second_factor import has_second_factor, used_second_factor


class OperatorsSite(AdminSite):
    """Django's admin site, outside all scopes, for operators with a second factor."""

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        """Register models except those of single sign-on, which the environment configures."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register(
            [model for model in models if model not in {SocialApp, SocialToken}], *args, **options
        )

    def has_permission(self, request: HttpRequest) -> bool:
        """Allow operators who have used their second factor since they signed in."""
        return super().has_permission(request) and used_second_factor(request)

    @method_decorator(secure_admin_login)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Use the common sign-in, which limits attempts, then ask for the second factor."""
        if self.has_permission(request):
            return super().login(request, extra_context)
        if not has_second_factor(request.user):  # type: ignore[arg-type]  # strangers were sent away above
            messages.warning(
                request,
                _("The admin site needs two-step sign-in. Set it up here."),
            )
            return redirect("teams:security")
        here = get_next_redirect_url(request) or reverse("admin:index")
        methods = get_adapter(request).get_reauthentication_methods(request.user)
        by_factor = next(method["url"] for method in methods if method["id"].startswith("mfa_"))
        return redirect(f"{by_factor}?{urlencode({REDIRECT_FIELD_NAME: here})}")

    def password_change(  # type: ignore[override]  # the stubs promise a template
        self,
        request: HttpRequest,  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Use the common form, which records the change."""
        return redirect("account_change_password")

    def admin_view(  # type: ignore[override]  # the stubs return the type of the given view
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> Callable[..., Any]:
        """Run and render the view outside all scopes, with every team's rows."""
        guarded: Callable[..., HttpResponse] = super().admin_view(view, cacheable)

        @wraps(view)
        def across_teams(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with everywhere():
                response = guarded(request, *args, **kwargs)
                return (
                    response.render() if isinstance(response, SimpleTemplateResponse) else response
                )

        return across_teams
