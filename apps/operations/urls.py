"""Addresses of a person's own data."""

from django.urls import path

from apps.operations import views

app_name = "operations"
urlpatterns = [
    path("me/privacy/", views.privacy, name="privacy"),
    path("me/erase/", views.erase, name="erase"),
    path("me/data/", views.export, name="export"),
]
