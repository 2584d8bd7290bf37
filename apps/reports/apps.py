"""The reports room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Costs and counts across rooms."""

    name = "apps.reports"
