"""People and teams for operators."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

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
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)


admin.site.register([Team, Member])
