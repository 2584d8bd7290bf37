"""Picture links: signed URLs by which a vendor fetches one picture within a day."""

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
    """A signed token for one image, valid for a day."""

    _signer = signing.TimestampSigner(salt="mjweb.projects.handover")

    @classmethod
    def sign(cls, image: Image) -> str:
        """Return the token of an image."""
        return cls._signer.sign(str(image.public_id))

    @classmethod
    def verify(cls, token: str) -> UUID:
        """Return the image's id; raise signing.BadSignature for a forged or expired token."""
        return UUID(cls._signer.unsign(token, max_age=LIFETIME))


def picture_url_for_vendor(image: Image, reference: str) -> str:
    """Return a URL from which a vendor can fetch the image: the storage's own, or ours.

    The client reference is part of it: an order whose answer was lost is recognised by its URL.
    """
    if settings.FILES_ARE_REMOTE:
        named = {
            "ResponseContentDisposition": content_disposition(
                f"{reference}.jpg", as_attachment=False
            ),
            "ResponseContentType": "image/jpeg",
        }
        return default_storage.url(image.file, parameters=named)  # type: ignore[call-arg]  # as S3Storage has it
    path = reverse("projects:picture_by_link", args=[PictureLink.sign(image)])
    return f"{settings.PUBLIC_URL}{path}?order={reference}"
