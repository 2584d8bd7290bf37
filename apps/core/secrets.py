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


def is_sealed_anew(token: str) -> bool:
    """Tell whether the newest key alone opens what seal() made."""
    try:
        _keys()[0].decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def seal_anew(token: str) -> str:
    """Return the same secret sealed with the newest key; raise DomainError when no key opens it."""
    return seal(unseal(token))


def _keyring() -> MultiFernet:
    return MultiFernet(_keys())


def _keys() -> list[Fernet]:
    # The secret key comes last: what it sealed before there were keys of their own stays readable.
    secrets = [*settings.ENCRYPTION_KEYS, settings.SECRET_KEY]
    return [Fernet(urlsafe_b64encode(sha256(secret.encode()).digest())) for secret in secrets]
