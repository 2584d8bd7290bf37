"""Single sign-on: which claims of the provider are trusted."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from requests import RequestException, Response
from requests.exceptions import InvalidJSONError

from apps.teams.models import Token, User

# Keys that the provider's configuration has to name.
REQUIRED_ENDPOINTS = {
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
}


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signs in only people whose email the provider has verified."""

    def get_requests_session(self) -> Any:
        """Return a session for the provider: HTTPS only, and each fault becomes an error page."""
        session = super().get_requests_session()
        if not settings.SINGLE_SIGN_ON_IN_CLEAR:
            del session.adapters["http://"]
        session.hooks["response"].append(_require_json_answer)
        send = session.request

        def send_or_explain(*args: Any, **kwargs: Any) -> Response:
            try:
                answer: Response = send(*args, **kwargs)
            except RequestException as fault:
                words = _(
                    "The sign-on service didn't respond correctly. Try again, or use your password."
                )
                raise self._refusal(words, status=502) from fault
            return answer

        session.request = send_or_explain
        # Otherwise session.get() would call the method of its class.
        session.get = lambda url, **options: send_or_explain("GET", url, **options)
        return session

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Find the person by an email that the provider marks as verified with a real `true`."""
        for address in sociallogin.email_addresses:
            address.verified = address.verified is True and _is_of_our_domains(address.email)
        found: tuple[User, str] | None = super().authenticate_by_email(sociallogin)
        if found:
            _revoke_unproven_tokens(*found)
        return found

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:  # noqa: ARG002
        """Refuse people without a verified email of an allowed domain."""
        claims = sociallogin.account.extra_data
        if not claims.get("id_token") or claims.get("userinfo", {}).get("sub") != claims[
            "id_token"
        ].get("sub"):
            raise self._refusal(
                _("The sign-on service sent contradictory answers about who you are.")
            )
        addresses = sociallogin.email_addresses
        if not any(
            address.verified is True and _is_of_our_domains(address.email) for address in addresses
        ):
            raise self._refusal(
                _(
                    "Your sign-on service has no verified email for you that is allowed here. "
                    "Contact its administrators."
                )
            )

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Copy the name from the provider."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = [data.get("first_name"), data.get("last_name")]
        user.name = str(data.get("name") or " ".join(filter(None, parts)))[:100]
        return user

    def _refusal(self, words: str, status: int = 403) -> ImmediateHttpResponse:
        page = render(
            self.request, "socialaccount/authentication_error.html", {"words": words}, status=status
        )
        return ImmediateHttpResponse(page)


def _revoke_unproven_tokens(user: User, email: str) -> None:
    """Revoke the tokens of an account whose email was never verified.

    Whoever created such an account may not be the person who signs in now. allauth removes its
    password and sessions likewise; second factors are still asked for.
    """
    if not EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists():
        made = Token.objects.filter(member__user=user, revoked_at=None)
        made.update(revoked_at=timezone.now())


def _require_json_answer(response: Response, **_options: Any) -> None:
    """Raise unless the answer is JSON and, for the configuration, names all endpoints."""
    if response.is_redirect:
        return
    response.raise_for_status()
    answer = response.json()
    required = REQUIRED_ENDPOINTS if "/.well-known/" in response.url else set()
    if not (isinstance(answer, dict) and required <= answer.keys()):
        raise InvalidJSONError("something is missing in the answer")


def _is_of_our_domains(email: str) -> bool:
    domains = settings.SINGLE_SIGN_ON_DOMAINS
    return not domains or email.rpartition("@")[2].lower() in domains
