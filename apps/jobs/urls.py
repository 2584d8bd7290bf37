"""Paths of the jobs room."""

from django.urls import path, re_path
from django.urls.converters import UUIDConverter

from apps.jobs import views

app_name = "jobs"
urlpatterns = [
    path("new/", views.create, name="create"),
    path("new/preview/", views.preview, name="preview"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/<int:pk>/open/", views.set_open, name="set_open"),
    path("<uuid:public_id>/", views.show, name="show"),
    path("<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:public_id>/send-again/", views.send_again, name="send_again"),
    path("<uuid:public_id>/give-up/", views.give_up, name="give_up"),
    re_path(
        rf"^clips/(?P<public_id>{UUIDConverter.regex})/(?P<kind>video|poster|sprite)$",
        views.clip_file,
        name="clip_file",
    ),
]
