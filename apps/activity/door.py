"""Who came and went is written down, for each of their teams.

Through the hooks that django-allauth offers: its adapters are asked on every way in, and they send
a notice for every change to an account, whether or not a mail server is connected.
"""

from collections.abc import Iterable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.userkit import filter_users_by_email
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.core.events import record
from apps.teams.account_adapter import AccountAdapter
from apps.teams.models import User

# What the notices of allauth are called as events.
CHANGES: dict[str, tuple[str, dict[str, str]]] = {
    "account/email/password_changed": ("password_changed", {"how": "by_old_one"}),
    "account/email/password_set": ("password_changed", {"how": "first"}),
    "account/email/password_reset": ("password_changed", {"how": "by_mail"}),
    "account/email/email_changed": ("address_changed", {}),
    "mfa/email/totp_activated": ("factor_added", {"factor": "authenticator"}),
    "mfa/email/totp_deactivated": ("factor_removed", {"factor": "authenticator"}),
    "mfa/email/webauthn_added": ("factor_added", {"factor": "passkey"}),
    "mfa/email/webauthn_removed": ("factor_removed", {"factor": "passkey"}),
    "mfa/email/recovery_codes_generated": ("factor_added", {"factor": "recovery_codes"}),
    "socialaccount/email/account_connected": ("sign_on_linked", {}),
    "socialaccount/email/account_disconnected": ("sign_on_unlinked", {}),
}


def write_down(verb: str, person: User, *, actor: User | None, **facts: Any) -> None:
    """Add one event to each team the person is in."""
    for member in person.memberships.order_by("pk"):
        record(verb, member, actor=actor, **facts)


class DoorAdapter(AccountAdapter):
    """Writes down sign-ins, failed ones of known people, sign-outs, and what changed in an account."""

    def post_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse:
        """Somebody is in."""
        response: HttpResponse = super().post_login(request, user, **told)
        write_down("signed_in", user, actor=user, how=_how(request, user))
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Somebody gave a wrong password; of addresses nobody has, there is nobody to write it down for."""
        super().authentication_failed(request, **credentials)
        for person in filter_users_by_email(credentials.get("email", ""), for_login=True):
            write_down("sign_in_failed", person, actor=None, how="password")

    def logout(self, request: HttpRequest) -> None:
        """Somebody leaves."""
        if isinstance(request.user, User):
            write_down("signed_out", request.user, actor=request.user)
        super().logout(request)

    def send_notification_mail(
        self, template_prefix: str, user: User, *args: Any, **kwargs: Any
    ) -> None:
        """Something about an account was changed."""
        verb, facts = CHANGES.get(template_prefix, ("", {}))
        if verb:
            write_down(verb, user, actor=user, **facts)
        super().send_notification_mail(template_prefix, user, *args, **kwargs)


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]  # allauth has no types
    """Writes down that a session was ended from elsewhere."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """End them."""
        for session in sessions:
            write_down("session_ended", session.user, actor=session.user)
        super().end_sessions(sessions)


class _Code:
    """A code from an authenticator app, or a recovery code; a wrong one is written down."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]  # type: ignore[attr-defined]  # of the form beside it
        field.label = _("Code from your app, or a recovery code")
        field.widget.attrs.pop("placeholder", None)

    def clean_code(self) -> str:
        """Check the code."""
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError as fault:
            if fault.code == "incorrect_code":
                write_down("sign_in_failed", self.user, actor=None, how="code")
            raise
        return code


class CodeForm(_Code, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class CodeAgainForm(_Code, ReauthenticateForm):  # type: ignore[misc]
    """Proof, before a change, that it is still the same person."""


def _how(request: HttpRequest, user: User) -> str:
    """Say in one word each by what somebody came in: `password+totp`, `passkey`, `single_sign_on`."""
    records = get_authentication_records(request, user)
    words = [
        {"webauthn": "passkey"}.get(one["type"], one["type"])
        if one["method"] == "mfa"
        else one["method"]
        for one in records
    ]
    return "+".join(dict.fromkeys(words)).replace("socialaccount", "single_sign_on") or "link"
