"""Paths of the reviews room."""

from django.urls import path

from apps.reviews import views

app_name = "reviews"
urlpatterns = [
    path("review/", views.queue, name="queue"),
    path("<uuid:public_id>/", views.clip, name="clip"),
    path("<uuid:public_id>/decide/", views.decide, name="decide"),
    path("<uuid:public_id>/take-back/", views.take_back, name="take_back"),
]
