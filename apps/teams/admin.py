"""People and teams for operators."""

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
    """People by e-mail address; passwords are set through Django's own forms, never seen."""

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


class WhyForm(ActionForm):
    """What is to be done with the chosen teams, and why."""

    why = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("Why (the members of a suspended team read it)"),
    )


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    """Teams, which operators can close and open."""

    list_display = ("name", "status", "suspension_reason", "created_at")
    list_filter = ("status",)
    search_fields = ("name",)
    readonly_fields = ("status", "suspension_reason")
    action_form = WhyForm
    actions = ["suspend", "lift_suspension"]

    @admin.action(
        permissions=["change"], description=gettext_lazy("Suspend: nobody comes in, orders wait")
    )
    def suspend(self, request: HttpRequest, teams: QuerySet[Team]) -> None:
        """Close teams to their members."""
        try:
            for team in teams:
                services.suspend(_operator(request), team, request.POST.get("why", ""))
        except DomainError as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return
        self._say(request, len(teams))

    @admin.action(permissions=["change"], description=gettext_lazy("Lift the suspension"))
    def lift_suspension(self, request: HttpRequest, teams: QuerySet[Team]) -> None:
        """Let the members in again."""
        for team in teams:
            services.lift_suspension(_operator(request), team)
        self._say(request, len(teams))

    def _say(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%s team was changed.", "%s teams were changed.", count)
        self.message_user(request, text % count, messages.SUCCESS)


def _operator(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise DomainError(_("Sign in first."))
    return request.user


admin.site.register(Member)
