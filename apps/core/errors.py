"""The root of every error whose message is written for people."""


class DomainError(Exception):
    """An action breaks a rule of the product; the message may be shown to a person as it is."""


class NotAllowed(DomainError):
    """The person's role does not permit the action."""
