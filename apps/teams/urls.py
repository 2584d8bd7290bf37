"""Paths of the teams room."""

from django.urls import path

from apps.teams import views

app_name = "teams"
urlpatterns = [
    path("", views.people, name="people"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("me/", views.profile, name="profile"),
    path("me/tokens/", views.tokens, name="tokens"),
    path("me/tokens/<uuid:public_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("me/security/", views.security, name="security"),
    path("me/security/sessions/end/", views.end_others, name="end_others"),
    path("me/security/sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("people/<uuid:public_id>/", views.member, name="member"),
    path("people/<uuid:public_id>/remove/", views.remove, name="remove"),
    path("leave/", views.leave, name="leave"),
    path("invitations/", views.invite, name="invite"),
    path("invitations/<uuid:public_id>/revoke/", views.revoke, name="revoke"),
    path("join/", views.join, name="join"),
    path("join/<str:token>/", views.invitation, name="invitation"),
    path("settings/", views.settings, name="settings"),
    path("settings/keep/", views.retention, name="retention"),
    path("settings/archive/", views.archive, name="archive"),
    path("settings/open/", views.reopen, name="reopen"),
    path("settings/owner/", views.transfer, name="transfer"),
    path("new/", views.create, name="create"),
    path("choose/", views.switch, name="switch"),
    path("go/<uuid:team>/", views.go, name="go"),
    path("settings/originals/", views.original_files, name="original_files"),
]
