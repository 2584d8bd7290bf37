"""Paths of the projects room."""

from django.urls import path, re_path
from django.urls.converters import UUIDConverter

from apps.projects import views

app_name = "projects"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.begin, name="begin"),
    path("<uuid:public_id>/", views.show, name="show"),
    path("<uuid:public_id>/images/", views.upload, name="upload"),
    re_path(
        rf"^images/(?P<public_id>{UUIDConverter.regex})/(?P<kind>picture|thumbnail)$",
        views.image_file,
        name="image",
    ),
    path("images/<uuid:public_id>/original", views.original, name="original"),
    path("handover/<str:ticket>.jpg", views.handed_over, name="handed_over"),
]
