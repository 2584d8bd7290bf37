"""The budgets room."""

from django.apps import AppConfig

from apps.budgets import events


class BudgetsConfig(AppConfig):
    """The price book, the ledger and the budgets."""

    name = "apps.budgets"

    def ready(self) -> None:
        """Register what the log and notifications say of this room."""
        events.register()
