"""What can go wrong at a vendor, sorted by what we do next.

* VendorError
  * TryLater     nothing happened there; the same call may succeed in a while
  * Refused      the same call will never succeed; a person has to change something
    * Moderated  refused for what the picture or the words show
    * Lost       the vendor does not know the job we ask about
  * Unsure       the call may or may not have had an effect; never repeat it unasked
  * BadSignature       a call to us that the vendor did not make
"""

from apps.core.errors import DomainError


class VendorError(DomainError):
    """Anything a vendor did that we did not want; `vendor_words` keeps its own text verbatim."""

    def __init__(self, message: str, *, vendor_words: str = "") -> None:
        super().__init__(message)
        self.vendor_words = vendor_words


class TryLater(VendorError):
    """The vendor is out of reach, out of order or busy; `retry_after` is in seconds, if it said so."""

    def __init__(
        self, message: str, *, vendor_words: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, vendor_words=vendor_words)
        self.retry_after = retry_after


class Refused(VendorError):
    """The vendor said no and will say no again."""


class Moderated(Refused):
    """The vendor turned the request down for its content."""


class JobNotFound(Refused):
    """The vendor does not know the job we ask about: never had it, or has forgotten it."""


class Unsure(VendorError):
    """We sent an order but cannot know whether it was taken."""


class BadSignature(VendorError):
    """Somebody called us in a vendor's name and could not prove it."""
