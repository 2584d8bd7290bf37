"""Errors of vendors, sorted by what we do next.

* VendorError
  * TryLater          the request had no effect; the same request may succeed later
  * Refused           the same request will never succeed; a person has to change something
    * Moderated       refused for the content of the image or the prompt
    * JobNotFound     the vendor does not know the job
  * Unsure            the request may or may not have had an effect; never repeat it by ourselves
  * BadSignature      a webhook that the vendor did not send
"""

from apps.core.errors import DomainError


class VendorError(DomainError):
    """Any failed exchange with a vendor; `vendor_message` is the vendor's own text, verbatim."""

    def __init__(self, message: str, *, vendor_message: str = "") -> None:
        super().__init__(message)
        self.vendor_message = vendor_message


class TryLater(VendorError):
    """The vendor is unreachable, failing or busy; `retry_after` is in seconds, if it was given."""

    def __init__(
        self, message: str, *, vendor_message: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, vendor_message=vendor_message)
        self.retry_after = retry_after


class Refused(VendorError):
    """The vendor refused, and would refuse again."""


class Moderated(Refused):
    """The vendor refused the request for its content."""


class JobNotFound(Refused):
    """The vendor does not know the job: it never had it, or no longer keeps it."""


class Unsure(VendorError):
    """We sent an order but cannot know whether it was accepted."""


class BadSignature(VendorError):
    """A webhook without proof that the vendor sent it."""
