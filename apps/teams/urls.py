"""Paths of the teams room."""

from django.urls import path

from apps.teams import views

app_name = "teams"
urlpatterns = [
    path("", views.people, name="people"),
    path("me/", views.profile, name="profile"),
    path("me/tokens/", views.tokens, name="tokens"),
    path("me/tokens/<uuid:public_id>/revoke/", views.revoke, name="revoke_token"),
]
