"""Paths of the budgets room."""

from django.urls import path

from apps.budgets import views

app_name = "budgets"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("lines/", views.ledger, name="ledger"),
    path("lines.csv", views.ledger_csv, name="ledger_csv"),
    path("lines/<int:pk>/cost/", views.cost, name="cost"),
    path("refunds/<int:pk>/missed/", views.refund_missing, name="refund_missing"),
    path("prices/", views.prices, name="prices"),
    path("budgets/", views.budgets, name="budgets"),
    path("budgets/<uuid:public_id>/", views.change, name="change"),
    path("budgets/<uuid:public_id>/end/", views.end, name="end"),
]
