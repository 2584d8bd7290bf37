"""Addresses of the reports."""

from django.urls import path

from apps.reports import views

app_name = "reports"
urlpatterns = [
    path("costs/clips/", views.clips, name="clips"),
    path("costs/clips.csv", views.clips_csv, name="clips_csv"),
]
