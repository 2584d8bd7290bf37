"""Paths of the teams room."""

from django.urls import path

from apps.teams import views

app_name = "teams"
urlpatterns = [
    path("", views.people, name="people"),
    path("me/", views.profile, name="profile"),
    path("people/<uuid:public_id>/", views.member, name="member"),
    path("people/<uuid:public_id>/remove/", views.remove, name="remove"),
    path("leave/", views.leave, name="leave"),
    path("invitations/", views.invite, name="invite"),
    path("invitations/<uuid:public_id>/revoke/", views.revoke, name="revoke"),
    path("join/", views.join, name="join"),
    path("join/<str:token>/", views.invitation, name="invitation"),
    path("settings/", views.settings, name="settings"),
    path("settings/archive/", views.archive, name="archive"),
    path("settings/open/", views.open_again, name="open_again"),
    path("settings/owner/", views.hand_over, name="hand_over"),
    path("new/", views.found, name="found"),
    path("choose/", views.choose, name="choose"),
    path("go/<uuid:team>/", views.go, name="go"),
]
