"""What can be wrong with a file that somebody, or a vendor, handed us."""

from apps.core.errors import DomainError


class BadPicture(DomainError):
    """The bytes are no picture we take; the message says what to upload instead."""


class BadClip(DomainError):
    """The file is no whole, playable video we take; the message says what to do about it."""
