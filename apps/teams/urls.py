"""Paths of the teams room."""

from django.urls import path

from apps.teams import views

app_name = "teams"
urlpatterns = [
    path("", views.people, name="people"),
    path("me/", views.profile, name="profile"),
    path("settings/originals/", views.originals, name="originals"),
]
