"""The files of images: the picture, its thumbnail, its original, and the vendor's copy."""

from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.core.serving import serve
from apps.projects.models import Image, Original
from apps.projects.picture_links import PictureLink
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission
from apps.teams.scoping import everywhere


@require_safe
@member_required
def image_file(request: MemberRequest, public_id: str, kind: str) -> HttpResponseBase:
    """Serve an image, or its thumbnail, to a member of its team."""
    image = get_object_or_404(Image, public_id=public_id)
    if kind == "thumbnail":
        return serve(request, image.thumbnail, content_type="image/webp", etag=f"{image.sha256}-t")
    return serve(
        request,
        image.file,
        content_type="image/jpeg",
        etag=image.sha256,
        download_name=f"{image.title[:80]}.jpg",
    )


@require_safe
@member_required
def original(request: MemberRequest, public_id: UUID) -> HttpResponseBase:
    """Send an image's original file as a download, to people who may add work."""
    request.member.require(Permission.CREATE)
    kept = get_object_or_404(Original, image__public_id=public_id)
    return serve(
        request,
        kept.file,
        content_type="",
        etag=f"{kept.sha256}-o",
        download_name=kept.name,
        as_attachment=True,
    )


@require_safe
def picture_by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Serve an image by its signed link, for the vendor that animates it."""
    try:
        public_id = PictureLink.verify(token)
    except signing.BadSignature:
        raise Http404 from None
    with everywhere():
        image = get_object_or_404(Image, public_id=public_id)
    return serve(request, image.file, content_type="image/jpeg", etag=image.sha256)
