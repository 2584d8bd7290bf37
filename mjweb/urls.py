"""Every room mounted at its own path."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("apps.desk.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("team/", include("apps.teams.urls")),
    path("activity/", include("apps.activity.urls")),
    path("projects/", include("apps.projects.urls")),
    path("prompts/", include("apps.prompts.urls")),
    path("money/", include("apps.budgets.urls")),
    path("jobs/", include("apps.jobs.urls")),
    path("gallery/", include("apps.gallery.urls")),
    path("clips/", include("apps.reviews.urls")),
    path("admin/", admin.site.urls),
]
