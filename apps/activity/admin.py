"""Events for operators to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.activity.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Operators can read events, and nothing else."""

    list_display = ("created_at", "team", "actor", "verb", "subject_kind", "origin")
    list_filter = ("verb", "subject_kind")
    list_select_related = ("team", "actor")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # the site's own way to ask
        """Forbid adding events by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Forbid changing events."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Forbid deleting events."""
        return False
