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
    def write(cls, image: Image) -> str:
        """Return the token of an image."""
        return cls._signer.sign(str(image.public_id))

    @classmethod
    def read(cls, token: str) -> UUID:
        """Return the image's id; raise signing.BadSignature for a forged or expired token."""
        return UUID(cls._signer.unsign(token, max_age=LIFETIME))


def picture_url_for_vendor(image: Image, mark: str) -> str:
    """Return a URL from which a vendor can fetch the image: the storage's own, or ours.

    The mark is part of it, so that no two sendings have the same address: an order whose answer was
    lost can be known again by it.
    """
    if settings.FILES_ARE_REMOTE:
        named = {
            "ResponseContentDisposition": content_disposition(f"{mark}.jpg", as_attachment=False),
            "ResponseContentType": "image/jpeg",
        }
        return default_storage.url(image.file, parameters=named)  # type: ignore[call-arg]  # as S3Storage has it
    path = reverse("projects:picture_by_link", args=[PictureLink.write(image)])
    return f"{settings.PUBLIC_URL}{path}?order={mark}"
