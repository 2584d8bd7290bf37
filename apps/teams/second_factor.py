"""Second factors: encrypted secrets, our labels, and checks that one was used."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathFillImage
from qrcode.main import QRCode

from apps.core.secrets import seal, unseal
from apps.teams.models import User

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The adapter of django-allauth's second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("Wrong or expired code."),
        "unverified_email": gettext_lazy(
            "Verify your email first. To do so, change it to the same email."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt the secret of an authenticator or of recovery codes."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a secret from encrypt()."""
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return "mjweb"

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as inline SVG."""
        code = QRCode(border=2, image_factory=SvgPathFillImage)
        code.add_data(url)
        code.make(fit=True)
        return str(code.make_image().to_string(encoding="unicode"))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  # allauth's
        """Suggest a name for a passkey."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey {number}").format(number=number)


def has_second_factor(user: User) -> bool:
    """Whether this person has two-step sign-in."""
    return bool(is_mfa_enabled(user, FACTORS))


def used_second_factor(request: HttpRequest) -> bool:
    """Whether the person has used a second factor since signing in."""
    if not isinstance(request.user, User) or not has_second_factor(request.user):
        return False
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return any(one["method"] == "mfa" for one in records)
