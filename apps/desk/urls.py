"""Paths of the desk."""

from django.urls import path

from apps.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("me/privacy/", views.privacy, name="privacy"),
    path("me/data/", views.export, name="export"),
    path("costs/clips/", views.clips, name="clips"),
    path("costs/clips.csv", views.clips_csv, name="clips_csv"),
]
