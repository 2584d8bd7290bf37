"""Sign-ins, sign-outs and changes of an account, recorded in each of the person's teams.

django-allauth asks its adapters on every way in. It sends a notice for every change to an account,
whether or not a mail server is connected.
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

# allauth's notices of changes, as verbs and facts of events.
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


def _record(verb: str, person: User, *, actor: User | None, **facts: Any) -> None:
    """Record one event in each team the person is in."""
    for member in person.memberships.order_by("pk"):
        record(verb, member, actor=actor, **facts)


class RecordingAccountAdapter(AccountAdapter):
    """Records sign-ins, failed ones of known people, sign-outs, and changes of an account."""

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        """Record a sign-in."""
        response: HttpResponse = super().post_login(request, user, **options)
        _record("signed_in", user, actor=user, how=_sign_in_methods(request, user))
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong password in the teams of the account; an unknown email has none."""
        super().authentication_failed(request, **credentials)
        for person in filter_users_by_email(credentials.get("email", ""), for_login=True):
            _record("sign_in_failed", person, actor=None, how="password")

    def logout(self, request: HttpRequest) -> None:
        """Record a sign-out."""
        if isinstance(request.user, User):
            _record("signed_out", request.user, actor=request.user)
        super().logout(request)

    def send_notification_mail(
        self, template_prefix: str, user: User, *args: Any, **kwargs: Any
    ) -> None:
        """Record a change of an account."""
        verb, facts = CHANGES.get(template_prefix, ("", {}))
        if verb:
            _record(verb, user, actor=user, **facts)
        super().send_notification_mail(template_prefix, user, *args, **kwargs)


class RecordingSessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]  # allauth has no types
    """Records that a session was ended from elsewhere."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """End sessions, and record each."""
        for session in sessions:
            _record("session_ended", session.user, actor=session.user)
        super().end_sessions(sessions)


class _CodeForm:
    """A code from an authenticator app, or a recovery code; a wrong one is recorded."""

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
                _record("sign_in_failed", self.user, actor=None, how="code")
            raise
        return code


class CodeForm(_CodeForm, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class ConfirmCodeForm(_CodeForm, ReauthenticateForm):  # type: ignore[misc]
    """The code that proves, before a change, that it is still the same person."""


def _sign_in_methods(request: HttpRequest, user: User) -> str:
    """Return the ways somebody signed in with: `password+totp`, `passkey`, `single_sign_on`."""
    records = get_authentication_records(request, user)
    words = [
        {"webauthn": "passkey"}.get(one["type"], one["type"])
        if one["method"] == "mfa"
        else one["method"]
        for one in records
    ]
    return "+".join(dict.fromkeys(words)).replace("socialaccount", "single_sign_on") or "link"
