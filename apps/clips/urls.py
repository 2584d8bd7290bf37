"""Paths of the clips room. The trash keeps its address beside the gallery."""

from django.urls import path, re_path
from django.urls.converters import UUIDConverter

from apps.clips import views

FILE = rf"(?P<public_id>{UUIDConverter.regex})/(?P<kind>video|poster|sprite)$"

app_name = "clips"
urlpatterns = [
    re_path(rf"^clips/{FILE}", views.file, name="file"),
    re_path(rf"^jobs/clips/{FILE}", views.former_file, name="former_file"),
    path("clips/<uuid:public_id>/trash/", views.move_to_trash, name="move_to_trash"),
    path("clips/<uuid:public_id>/restore/", views.restore, name="restore"),
    path("gallery/trash/", views.trash, name="trash"),
    path("gallery/trash/empty/", views.empty_trash, name="empty_trash"),
]
