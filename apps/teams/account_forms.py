"""Forms of sign-up, passwords and second factors: django-allauth's, with our labels."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.teams.models import User

LONG_ENOUGH = _("At least 10 characters. A sentence is easy to remember.")


def _reword(form: forms.Form, labels: dict[str, Any], hints: dict[str, Any] | None = None) -> None:
    """Set our labels and hints on a form of allauth, and remove its placeholders."""
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.help_text = (hints or {}).get(name, "")
        field.widget.attrs.pop("placeholder", None)


class SignUpForm(account.SignupForm):  # type: ignore[misc]  # allauth has no types
    """A new account."""

    name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, {"email": _("Email")}, {"password1": LONG_ENOUGH})

    def try_save(self, request: HttpRequest) -> Any:
        """Save, or hash the password all the same, so that timing reveals no known email."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ChangeEmailForm(account.AddEmailForm):  # type: ignore[misc]
    """A new email for the account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, {"email": _("New email")})

    def clean_email(self) -> str:
        """Refuse where this installation cannot send the verification mail."""
        if not (settings.EMAIL_IS_CONNECTED):
            raise ValidationError(
                _("This installation can't send email. Its operators can change your email.")
            )
        value: str = super().clean_email()
        return value


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    """The current password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "oldpassword": _("Current password"),
            "password1": _("New password"),
            "password2": _("Repeat the new password"),
        }
        _reword(self, labels, {"password1": LONG_ENOUGH})


class SetPasswordForm(account.SetPasswordForm):  # type: ignore[misc]
    """A first password, twice, for an account without one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"password1": _("Password"), "password2": _("Repeat the password")}
        _reword(self, labels, {"password1": LONG_ENOUGH})


class ResetPasswordForm(account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, twice, for a person with the link from a reset mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"password1": _("New password"), "password2": _("Repeat the new password")}
        _reword(self, labels, {"password1": LONG_ENOUGH})


class AuthenticatorForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, {"code": _("Code from the app")})
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class _DeviceAnswer:
    """The answer of a passkey's device; an unreadable one is a wrong one, no server error."""

    def full_clean(self) -> None:
        """Check all fields."""
        try:
            super().full_clean()  # type: ignore[misc]  # defined by the form class beside it
        except (LookupError, TypeError, ValueError, AttributeError):
            self.add_error("credential", _("Couldn't read the passkey. Try again."))  # type: ignore[attr-defined]


class SignInPasskeyForm(_DeviceAnswer, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of a password."""


class PasskeyForm(_DeviceAnswer, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after a password."""


class PasskeyAgainForm(_DeviceAnswer, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey before a change."""


class AddPasskeyForm(_DeviceAnswer, AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey: its name, and whether it signs in without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"name": _("Name"), "passwordless": _("Sign in without a password")}
        alone = _("The device asks for your finger, face or PIN instead.")
        _reword(self, labels, {"passwordless": alone})
        self.fields["passwordless"].initial = True
        self.fields["name"].max_length = 60
        self.fields["name"].widget.attrs["maxlength"] = 60


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """A new name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # allauth's view passes more arguments than its form takes.
        super().__init__(*args, **kwargs)
        _reword(self, {"name": _("Name")})
        self.fields["name"].max_length = 60
        self.fields["name"].widget.attrs["maxlength"] = 60


class FirstOwnerForm(forms.Form):
    """The first owner of an installation, and their team."""

    name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=LONG_ENOUGH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    team = forms.CharField(label=_("Team name"), max_length=100)

    def clean_password(self) -> str:
        """Refuse a password that is easily guessed."""
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.cleaned_data.get("email", "")))
        return password
