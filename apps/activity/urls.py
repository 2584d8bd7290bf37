"""Paths of the activity room."""

from django.urls import path

from apps.activity import views

app_name = "activity"
urlpatterns = [
    path("stream/", views.stream, name="stream"),
    path("bell/", views.bell, name="bell"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.mark_read, name="mark_read"),
    path("people/", views.people, name="people"),
    path("me/", views.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("log/", views.log, name="log"),
    path("log.csv", views.log_csv, name="log_csv"),
    path("log.json", views.log_json, name="log_json"),
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/<uuid:public_id>/", views.webhook, name="webhook"),
    path("webhooks/<uuid:public_id>/test/", views.test_webhook, name="test_webhook"),
    path("webhooks/<uuid:public_id>/delete/", views.delete_webhook, name="delete_webhook"),
    path("deliveries/<uuid:public_id>/again/", views.redeliver, name="redeliver"),
]
