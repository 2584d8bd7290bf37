"""Original files of images, kept if the team wants it."""

from apps.core.names import file_name
from apps.projects.models import Image, Original


def new_original(image: Image, *, data: bytes, name: str, has_location: bool) -> Original | None:
    """Return the row of an image's original file, or None if the team keeps none."""
    if not image.team.keeps_originals:
        return None
    return Original(
        team=image.team,
        image=image,
        # Without a suffix: a server that exposes this folder by mistake sends no type for it.
        file=f"originals/{image.team.public_id}/{image.project.public_id}/{image.sha256}",
        name=file_name(name, otherwise="original"),
        sha256=image.sha256,
        size=len(data),
        has_location=has_location,
    )
