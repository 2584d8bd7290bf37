"""Paths of the jobs room."""

from django.urls import path

from apps.jobs.views import accounts, actions, ordering, showing, webhooks

app_name = "jobs"
urlpatterns = [
    path("new/", ordering.create, name="create"),
    path("new/preview/", ordering.preview, name="preview"),
    path("extend/<uuid:public_id>/", ordering.extend, name="extend"),
    path("extend/<uuid:public_id>/preview/", ordering.extend_preview, name="extend_preview"),
    path("late/", showing.late, name="late"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<int:pk>/open/", accounts.set_open, name="set_open"),
    path("accounts/<int:pk>/limits/", accounts.set_limits, name="set_limits"),
    path("accounts/<int:pk>/refresh/", accounts.refresh, name="refresh"),
    path("<uuid:public_id>/", showing.show, name="show"),
    path("<uuid:public_id>/cancel/", actions.cancel, name="cancel"),
    path("<uuid:public_id>/delete-at-vendor/", actions.delete_at_vendor, name="delete_at_vendor"),
    path("<uuid:public_id>/send-again/", actions.send_again, name="send_again"),
    path("<uuid:public_id>/give-up/", actions.give_up, name="give_up"),
    path("<uuid:public_id>/search-now/", actions.search_now, name="search_now"),
    path("<uuid:public_id>/name/", actions.name_at_vendor, name="name_at_vendor"),
    path("<uuid:public_id>/download-now/", actions.download_now, name="download_now"),
    path("<uuid:public_id>/stop-downloading/", actions.stop_downloading, name="stop_downloading"),
    path("<uuid:public_id>/settle/", actions.settle, name="settle"),
    path("<uuid:public_id>/retry/", actions.retry, name="retry"),
    path("<uuid:public_id>/urgent/", actions.set_urgent, name="set_urgent"),
    path("<uuid:public_id>/seen/", actions.mark_late_as_seen, name="mark_late_as_seen"),
    path("<uuid:public_id>/stop-chain/", actions.stop_chain, name="stop_chain"),
    path("<uuid:public_id>/go-on/", actions.choose_take, name="choose_take"),
    path("hooks/<slug:kind>/<str:word>/", webhooks.receive, name="webhook"),
]
