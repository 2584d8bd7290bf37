"""The adapter of django-allauth's accounts: sign-up rules, error messages, redirects, mail."""

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
    """Sign-up rules, error messages, redirects and mail of accounts."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": gettext_lazy(
            "This account is closed. Ask the operators of this installation."
        ),
        "email_password_mismatch": gettext_lazy("Wrong email or password."),
        "email_taken": gettext_lazy("An account with this email already exists."),
        "duplicate_email": gettext_lazy("This is already your email."),
        "enter_current_password": gettext_lazy("Wrong password."),
        "incorrect_code": gettext_lazy("Wrong or expired code."),
        "incorrect_password": gettext_lazy("Wrong password."),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Try again in 5 minutes."),
        "rate_limited": gettext_lazy("Too many attempts. Try again in 1 minute."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return whether MJWEB_SIGN_UP lets this visitor create an account."""
        if settings.SIGN_UP == "closed":
            return False
        return settings.SIGN_UP == "open" or _has_open_invitation(request)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save the name as well."""
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def is_safe_url(self, url: str) -> bool:
        """Allow redirects to paths of this site only."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send mail, or refuse: without a mail server, a reset link must not end in a log."""
        if not (settings.EMAIL_IS_CONNECTED or settings.DEMO):
            raise DomainError(
                _("This installation can't send email. Its operators can set MJWEB_EMAIL_URL.")
            )
        super().send_mail(template_prefix, email, context)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Return to the page the form was opened from."""
        return reverse("teams:security")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:  # noqa: ARG002
        """Return to the page the form was opened from."""
        return reverse("teams:security")


def _has_open_invitation(request: HttpRequest) -> bool:
    """Check again: the invitation may have been revoked or used up since it was opened."""
    number = request.session.get(INVITATION_KEY)
    found = number and Invitation.objects.select_related("team").filter(public_id=number).first()
    return bool(found and found.is_open)
