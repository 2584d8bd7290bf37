"""How a vendor gets a picture: by an address that works for a day, for that picture alone."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.urls import reverse

from apps.core.serving import content_disposition
from apps.projects.models import Image

LIFETIME = timedelta(days=1)


class PictureLink:
    """A signed, expiring permission to fetch one image."""

    _signer = signing.TimestampSigner(salt="mjweb.projects.handover")

    @classmethod
    def write(cls, image: Image) -> str:
        """Return a ticket for `image`."""
        return cls._signer.sign(str(image.public_id))

    @classmethod
    def read(cls, ticket: str) -> UUID:
        """Return the image's id; raise signing.BadSignature for forged and expired tickets."""
        return UUID(cls._signer.unsign(ticket, max_age=LIFETIME))


def picture_url_for_vendor(image: Image, mark: str) -> str:
    """Return an address from which a vendor can fetch `image`: the storage's own, or ours.

    The mark is part of it, so that no two sendings have the same address: an order whose answer was
    lost can be known again by it.
    """
    if settings.FILES_ARE_REMOTE:
        named = {
            "ResponseContentDisposition": content_disposition(f"{mark}.jpg", as_attachment=False),
            "ResponseContentType": "image/jpeg",
        }
        return default_storage.url(image.file, parameters=named)  # type: ignore[call-arg]  # as S3Storage has it
    ticket = reverse("projects:picture_by_link", args=[PictureLink.write(image)])
    return f"{settings.PUBLIC_URL}{ticket}?order={mark}"
