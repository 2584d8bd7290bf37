"""Paths of the teams room."""

from django.urls import path

from apps.teams import views

app_name = "teams"
urlpatterns = [
    path("", views.people, name="people"),
    path("new/", views.found, name="found"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("me/", views.profile, name="profile"),
    path("me/tokens/", views.tokens, name="tokens"),
    path("me/tokens/<uuid:public_id>/revoke/", views.revoke, name="revoke_token"),
    path("me/security/", views.security, name="security"),
    path("me/security/sessions/end/", views.end_others, name="end_others"),
    path("me/security/sessions/<int:pk>/end/", views.end_session, name="end_session"),
]
