"""People and teams in the admin site."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.errors import DomainError
from apps.teams import services
from apps.teams.models import Member, Team, User


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """People by email; passwords are set in Django's forms and never shown."""

    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "time_zone", "single_keys")}),
        (None, {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )


class ReasonForm(ActionForm):
    """The action on the chosen teams, and the reason for it."""

    reason = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("Reason (shown to the members of a suspended team)"),
    )


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    """Teams, which operators can suspend."""

    list_display = ("name", "status", "suspension_reason", "created_at")
    list_filter = ("status",)
    search_fields = ("name",)
    readonly_fields = ("status", "suspension_reason")
    action_form = ReasonForm
    actions = ["suspend", "lift_suspension"]

    @admin.action(
        permissions=["change"], description=gettext_lazy("Suspend (no access, orders wait)")
    )
    def suspend(self, request: HttpRequest, teams: QuerySet[Team]) -> None:
        """Suspend the chosen teams."""
        try:
            for team in teams:
                services.suspend(_operator(request), team, request.POST.get("reason", ""))
        except DomainError as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return
        self._confirm(request, len(teams))

    @admin.action(permissions=["change"], description=gettext_lazy("Lift suspension"))
    def lift_suspension(self, request: HttpRequest, teams: QuerySet[Team]) -> None:
        """Lift the suspension of the chosen teams."""
        for team in teams:
            services.lift_suspension(_operator(request), team)
        self._confirm(request, len(teams))

    def _confirm(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%s team changed.", "%s teams changed.", count)
        self.message_user(request, text % count, messages.SUCCESS)


def _operator(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise DomainError(_("Sign in first."))
    return request.user


admin.site.register(Member)
