"""Paths of the prompts room."""

from django.urls import path

from apps.prompts import views

app_name = "prompts"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="create"),
    path("<uuid:public_id>/", views.show, name="show"),
]
