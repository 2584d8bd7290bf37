"""How django-allauth is told about this house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.core.errors import DomainError


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People come by invitation of an owner: nobody signs up on their own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, where a mail server is connected; a link to set a password never ends in a log instead."""
        if not (settings.EMAIL_IS_CONNECTED or settings.DEMO):
            raise DomainError(
                _("This installation can't send mail: its operator has to set MJWEB_EMAIL_URL first.")
            )
        super().send_mail(template_prefix, email, context)
