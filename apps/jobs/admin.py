"""Jobs and vendor accounts for operators; keys are sealed and not shown."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.jobs.models import Job, VendorAccount


class AccountForm(forms.ModelForm):
    """The fields of an account that an operator may change."""

    base_url = forms.CharField(label=_("address"), required=False, max_length=200)
    marked = forms.BooleanField(
        label=_("is a sandbox"),
        required=False,
        help_text=_(
            "Warning: requests to this account, and to addresses in its answers, may then go to "
            "this machine, to private networks and to any port. Mark only vendors that you run "
            "yourself. Costs of this account count as play money."
        ),
    )

    class Meta:
        model = VendorAccount
        fields = ["name", "kind", "schema_version", "base_url", "is_open", "moderation_limit"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("marked", self.instance.is_sandbox)


@admin.register(VendorAccount)
class AccountAdmin(admin.ModelAdmin):
    """Vendor accounts; only here an account is marked as a sandbox."""

    form = AccountForm
    list_display = ("name", "team", "kind", "base_url", "is_sandbox", "is_open")
    list_filter = ("is_sandbox", "kind")

    def save_model(self, request: HttpRequest, obj: VendorAccount, form: Any, change: bool) -> None:
        """Mark the account, and say once more what that means."""
        is_new_mark = form.cleaned_data["marked"] and not obj.is_sandbox
        obj.is_sandbox = form.cleaned_data["marked"]
        super().save_model(request, obj, form, change)
        if is_new_mark:
            words = (
                gettext("Requests to “%s” may now go to this machine and to private networks.")
                % obj
            )
            messages.warning(request, words)


admin.site.register(Job)
