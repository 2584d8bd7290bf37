"""Keys of others, sealed before they reach the database."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from apps.core.errors import DomainError


def seal(text: str) -> str:
    """Encrypt `text` with the newest key."""
    return _keyring().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Decrypt what seal() made, with whichever key still fits; raise DomainError when none does."""
    try:
        return _keyring().decrypt(token.encode()).decode()
    except InvalidToken:
        raise DomainError(
            "A stored key can't be read: the one it was sealed with is missing from MJWEB_ENCRYPTION_KEYS."
        ) from None


def _keyring() -> MultiFernet:
    # The secret key comes last: what it sealed before there were keys of their own stays readable.
    secrets = [*settings.ENCRYPTION_KEYS, settings.SECRET_KEY]
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(secret.encode()).digest())) for secret in secrets])
