"""The root of every error whose message is written for people."""


class DomainError(Exception):
    """A rule of the house was about to be broken; the message may be shown as it is."""


class NotAllowed(DomainError):
    """The deed is not for this person's role."""
