"""Paths of the activity room."""

from django.urls import path

from apps.activity import views

app_name = "activity"
urlpatterns = [
    path("stream/", views.stream, name="stream"),
    path("bell/", views.bell, name="bell"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read, name="read"),
    path("people/", views.people, name="people"),
    path("me/", views.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("log/", views.log, name="log"),
    path("log.csv", views.log_csv, name="log_csv"),
    path("log.json", views.log_json, name="log_json"),
    path("hooks/", views.hooks, name="hooks"),
    path("hooks/<uuid:public_id>/", views.hook, name="hook"),
    path("hooks/<uuid:public_id>/test/", views.test_hook, name="test_hook"),
    path("hooks/<uuid:public_id>/remove/", views.remove_hook, name="remove_hook"),
    path("deliveries/<uuid:public_id>/again/", views.redeliver, name="redeliver"),
]
