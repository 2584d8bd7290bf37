"""Paths of the activity room."""

from django.urls import path

from apps.activity import views

app_name = "activity"
urlpatterns = [path("stream/", views.stream, name="stream")]
