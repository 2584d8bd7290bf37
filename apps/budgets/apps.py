"""The budgets room."""

from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    """The price book, the ledger and the limits."""

    name = "apps.budgets"
