"""Single sign-on: what a provider says of somebody is believed only so far."""

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

# Addresses a provider has to name.
NEEDED = {"issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"}


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Lets people in whose address the provider has verified, and nobody else."""

    def get_requests_session(self) -> Any:
        """Return the way to the provider: HTTPS alone, and every fault of it is a page that says so."""
        session = super().get_requests_session()
        if not settings.SINGLE_SIGN_ON_IN_CLEAR:
            del session.adapters["http://"]
        session.hooks["response"].append(_insist_on_an_answer)
        ask = session.request

        def ask_or_explain(*args: Any, **kwargs: Any) -> Response:
            try:
                answer: Response = ask(*args, **kwargs)
            except RequestException as fault:
                words = _(
                    "The sign-on service did not answer as it should. Try again, or use your password."
                )
                raise self._refusal(words, status=502) from fault
            return answer

        session.request = ask_or_explain
        # session.get() calls the method of its class otherwise.
        session.get = lambda url, **options: ask_or_explain("GET", url, **options)
        return session

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Find the person with an address that the provider calls verified: `true`, not just some words."""
        for address in sociallogin.email_addresses:
            address.verified = address.verified is True and _is_of_our_domains(address.email)
        found: tuple[User, str] | None = super().authenticate_by_email(sociallogin)
        if found:
            _shut_what_was_opened_before(*found)
        return found

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:  # noqa: ARG002
        """Turn away who is not vouched for."""
        said = sociallogin.account.extra_data
        if not said.get("id_token") or said.get("userinfo", {}).get("sub") != said["id_token"].get(
            "sub"
        ):
            raise self._refusal(_("The sign-on service contradicts itself about who you are."))
        addresses = sociallogin.email_addresses
        if not any(
            address.verified is True and _is_of_our_domains(address.email) for address in addresses
        ):
            raise self._refusal(
                _(
                    "The sign-on service has not verified an e-mail address of yours that may come in here. "
                    "Ask whoever runs it."
                )
            )

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Take over the name."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = [data.get("first_name"), data.get("last_name")]
        user.name = str(data.get("name") or " ".join(filter(None, parts)))[:100]
        return user

    def _refusal(self, words: str, status: int = 403) -> ImmediateHttpResponse:
        page = render(
            self.request, "socialaccount/authentication_error.html", {"words": words}, status=status
        )
        return ImmediateHttpResponse(page)


def _shut_what_was_opened_before(user: User, email: str) -> None:
    """End the tokens of an account whose address nobody proved: whoever made it and them may be somebody else.

    Its password and its sessions go the same way (allauth); its second factors are asked for all
    the same.
    """
    if not EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists():
        made = Token.objects.filter(member__user=user, revoked_at=None)
        made.update(revoked_at=timezone.now())


def _insist_on_an_answer(response: Response, **_options: Any) -> None:
    """Raise unless the provider answered, in JSON, and says where it answers what."""
    if response.is_redirect:
        return
    response.raise_for_status()
    answer = response.json()
    whole = NEEDED if "/.well-known/" in response.url else set()
    if not (isinstance(answer, dict) and whole <= answer.keys()):
        raise InvalidJSONError("something is missing in the answer")


def _is_of_our_domains(email: str) -> bool:
    domains = settings.SINGLE_SIGN_ON_DOMAINS
    return not domains or email.rpartition("@")[2].lower() in domains
