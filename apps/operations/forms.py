"""The form to erase one's account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.teams.models import User


class EraseForm(forms.Form):
    """The person's own address, typed once more."""

    email = forms.EmailField(
        label=_("Your email"),
        help_text=_("Enter it to confirm."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_email(self) -> str:
        """Refuse any other address."""
        email: str = self.cleaned_data["email"]
        if email.casefold() != self.user.email.casefold():
            raise forms.ValidationError(_("This is not the email of your account."))
        return email
