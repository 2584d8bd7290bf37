"""How django-allauth is told about this house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import DomainError
from apps.teams.models import Invitation
from apps.teams.session_keys import INVITATION_KEY


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Who may make an account, where people are sent, and what is said to them."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": gettext_lazy(
            "This account was closed. Ask whoever runs this installation."
        ),
        "email_password_mismatch": gettext_lazy("Wrong email or password."),
        "email_taken": gettext_lazy("An account with this email already exists."),
        "duplicate_email": gettext_lazy("This is already your email."),
        "enter_current_password": gettext_lazy("This is not your current password."),
        "incorrect_code": gettext_lazy("This code is wrong or has expired."),
        "incorrect_password": gettext_lazy("Wrong password."),
        "too_many_login_attempts": gettext_lazy(
            "There were too many attempts. Wait for five minutes, then try again."
        ),
        "rate_limited": gettext_lazy(
            "That was too often in a short time. Wait for a minute, then try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Everybody, whoever came by an invitation, or nobody: MJWEB_SIGN_UP says so."""
        if settings.SIGN_UP == "closed":
            return False
        return settings.SIGN_UP == "open" or _came_by_an_open_invitation(request)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Keep the name as well."""
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def is_safe_url(self, url: str) -> bool:
        """Lead people on to pages of this house alone, by their path."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, where a mail server is connected; a link to set a password never ends in a log instead."""
        if not (settings.EMAIL_IS_CONNECTED or settings.DEMO):
            raise DomainError(
                _(
                    "This installation can't send mail: its operator has to set MJWEB_EMAIL_URL first."
                )
            )
        super().send_mail(template_prefix, email, context)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Return to the page the form was opened from."""
        return reverse("teams:security")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:  # noqa: ARG002
        """Return to the page the form was opened from."""
        return reverse("teams:security")


def _came_by_an_open_invitation(request: HttpRequest) -> bool:
    """Ask anew: what opened when somebody looked may have been revoked or used up since."""
    number = request.session.get(INVITATION_KEY)
    found = number and Invitation.objects.select_related("team").filter(public_id=number).first()
    return bool(found and found.is_open)
