"""Encrypt secrets, such as vendors' API keys, before they reach the database."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from apps.core.errors import DomainError


def seal(text: str) -> str:
    """Encrypt `text` with the newest key."""
    return _keyring().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Decrypt a sealed text with the key that fits; raise DomainError when none does."""
    try:
        return _keyring().decrypt(token.encode()).decode()
    except InvalidToken:
        raise DomainError(
            "A stored key can't be decrypted: MJWEB_ENCRYPTION_KEYS lacks its encryption key."
        ) from None


def is_sealed_with_newest_key(token: str) -> bool:
    """Tell whether the newest key decrypts the token."""
    try:
        _keys()[0].decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def seal_with_newest_key(token: str) -> str:
    """Return the same secret sealed with the newest key; raise DomainError when no key fits."""
    return seal(unseal(token))


def _keyring() -> MultiFernet:
    return MultiFernet(_keys())


def _keys() -> list[Fernet]:
    # The secret key comes last: it sealed secrets before there were encryption keys.
    secrets = [*settings.ENCRYPTION_KEYS, settings.SECRET_KEY]
    return [Fernet(urlsafe_b64encode(sha256(secret.encode()).digest())) for secret in secrets]
