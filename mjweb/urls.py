"""The URLs of every app, each under its own path."""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

handler500 = "apps.core.error_pages.server_error_page"
to_security = RedirectView.as_view(pattern_name="teams:security")
accounts: list[URLPattern | URLResolver] = [
    # These pages of allauth are parts of a page of ours.
    path("2fa/", to_security),
    path("2fa/webauthn/", to_security),
    # Nobody may set a password on an unlocked screen without signing in again.
    path("password/set/", reauthentication_required(app="allauth.account")(password_set)),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]
urlpatterns = [
    path("", include("apps.desk.urls")),
    path("", include("apps.operations.urls")),
    path("", include("apps.reports.urls")),
    path("accounts/", include(accounts)),
    path("team/", include("apps.teams.urls")),
    path("activity/", include("apps.activity.urls")),
    path("projects/", include("apps.projects.urls")),
    path("prompts/", include("apps.prompts.urls")),
    path("money/", include("apps.budgets.urls")),
    path("", include("apps.clips.urls")),
    path("jobs/", include("apps.jobs.urls")),
    path("gallery/", include("apps.gallery.urls")),
    path("clips/", include("apps.reviews.urls")),
    path("admin/", admin.site.urls),
]
