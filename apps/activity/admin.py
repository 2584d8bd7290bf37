"""What happened, for operators to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.activity.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Events are looked at, and nothing else, by operators too."""

    list_display = ("created_at", "team", "actor", "verb", "subject_kind", "origin")
    list_filter = ("verb", "subject_kind")
    list_select_related = ("team", "actor")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # the site's own way to ask
        """Nobody adds what did not happen."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody changes what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody takes away what happened."""
        return False
