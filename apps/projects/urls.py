"""Paths of the projects room."""

from django.urls import path, re_path
from django.urls.converters import UUIDConverter

from apps.projects import views

app_name = "projects"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="create"),
    path("<uuid:public_id>/", views.show, name="show"),
    path("<uuid:public_id>/images/", views.upload, name="upload"),
    path("<uuid:public_id>/settings/", views.change, name="change"),
    path("<uuid:public_id>/private/", views.set_private, name="set_private"),
    path("<uuid:public_id>/let-in/", views.add_member, name="add_member"),
    path("<uuid:public_id>/let-go/", views.remove_member, name="remove_member"),
    re_path(
        rf"^images/(?P<public_id>{UUIDConverter.regex})/(?P<kind>picture|thumbnail)$",
        views.image_file,
        name="image",
    ),
    path("images/<uuid:public_id>/original", views.original, name="original"),
    path("handover/<str:ticket>.jpg", views.picture_by_link, name="picture_by_link"),
]
