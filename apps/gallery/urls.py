"""Paths of the gallery room."""

from django.urls import path

from apps.gallery import views

app_name = "gallery"
urlpatterns = [
    path("", views.grid, name="grid"),
    path("tiles/", views.tiles, name="tiles"),
    path("trash/", views.trash, name="trash"),
    path("trash/empty/", views.empty_trash, name="empty_trash"),
    path("<uuid:public_id>/trash/", views.throw_away, name="throw_away"),
    path("<uuid:public_id>/restore/", views.restore, name="restore"),
]
