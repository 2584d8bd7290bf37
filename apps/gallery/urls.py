"""Paths of the gallery room."""

from django.urls import path

from apps.gallery import views

app_name = "gallery"
urlpatterns = [
    path("", views.grid, name="grid"),
    path("tiles/", views.tiles, name="tiles"),
]
