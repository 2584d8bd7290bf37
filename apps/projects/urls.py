"""Paths of the projects room."""

from django.urls import path, re_path
from django.urls.converters import UUIDConverter

from apps.projects.views import files, projects

app_name = "projects"
urlpatterns = [
    path("", projects.index, name="list"),
    path("new/", projects.create, name="create"),
    path("<uuid:public_id>/", projects.show, name="show"),
    path("<uuid:public_id>/images/", projects.upload, name="upload"),
    path("<uuid:public_id>/settings/", projects.change, name="change"),
    path("<uuid:public_id>/private/", projects.set_private, name="set_private"),
    path("<uuid:public_id>/members/add/", projects.add_member, name="add_member"),
    path("<uuid:public_id>/members/remove/", projects.remove_member, name="remove_member"),
    re_path(
        rf"^images/(?P<public_id>{UUIDConverter.regex})/(?P<kind>picture|thumbnail)$",
        files.image_file,
        name="image",
    ),
    path("images/<uuid:public_id>/original", files.original, name="original"),
    path("handover/<str:token>.jpg", files.picture_by_link, name="picture_by_link"),
]
