"""Errors of files that a person uploaded or a vendor delivered."""

from apps.core.errors import DomainError


class BadPicture(DomainError):
    """The file is not a picture we accept; the message says what to upload instead."""


class BadClip(DomainError):
    """The file is not a complete video we accept; the message says what to do about it."""
