"""Decode a picture's file: the only code that touches a stranger's bytes. It runs isolated.

It imports little, so that a cell starts quickly; pixels are made upright in one piece and the rest
strip by strip, so that the largest picture we take never lies in memory many times over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from apps.footage.containers import STRIPPERS, StrippedPicture
from apps.footage.errors import BadPicture
from apps.footage.heic import open_heic

MAX_PIXELS = 60_000_000
MAX_SIDE = 65_500
TOO_LARGE = (
    f"This picture has more than {MAX_PIXELS // 1_000_000} megapixels; upload a smaller version."
)
TOO_LONG = f"This picture is longer than {MAX_SIDE:,} pixels; upload a smaller version."
STRIP = 256  # rows handed out at a time

# Called by name: Pillow's own door tries other formats, and warns of sizes that we have measured
# already.
_OPENERS: dict[str, type[Any]] = {
    "jpeg": JpegImagePlugin.JpegImageFile,
    "png": PngImagePlugin.PngImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@dataclass(slots=True)
class Opened:
    """A picture that is open and upright; its colours are still the file's own."""

    image: Image.Image
    has_location: bool
    to_srgb: ImageCms.ImageCmsTransform | None

    def strips(self) -> Iterator[bytes]:
        """Yield its pixels from top to bottom: RGB, in sRGB, on white where it can be seen through."""
        width, height = self.image.size
        for top in range(0, height, STRIP):
            strip = self.image.crop((0, top, width, min(top + STRIP, height)))
            if self.to_srgb:
                strip = ImageCms.applyTransform(strip, self.to_srgb) or strip
            yield _flat(strip).tobytes()


def open_picture(format_: str, data: bytes) -> Opened:
    """Decode a file of this format; raise BadPicture where it asks too much, anything where it is broken."""
    image, stripped = _decoded(format_, data)
    return Opened(image, stripped.has_location, _to_srgb(image, stripped.profile))


def _decoded(format_: str, data: bytes) -> tuple[Image.Image, StrippedPicture]:
    if format_ == "heic":
        return open_heic(data, _measure)
    stripped = STRIPPERS[format_](data)
    _measure(stripped.width, stripped.height)
    image: Image.Image = _OPENERS[format_](BytesIO(stripped.core))
    _measure(*image.size)
    image.load()
    turn = _UPRIGHT.get(stripped.orientation)
    return image if turn is None else image.transpose(turn), stripped


def _measure(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadPicture(TOO_LARGE)
    if max(width, height) > MAX_SIDE:
        raise BadPicture(TOO_LONG)


def _to_srgb(image: Image.Image, profile: bytes) -> ImageCms.ImageCmsTransform | None:
    """Return the way from a phone's colours (Display P3) or a printer's (CMYK) to sRGB, since the profile goes."""
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return None
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.buildTransform(source, _SRGB, image.mode, mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _flat(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Pillow clips 16-bit greys at 255 instead of scaling them.
        return (
            image.convert("I")
            .point(lambda grey: grey * (1 / 257) + 0.5)
            .convert("L")
            .convert("RGB")
        )
    if not image.has_transparency_data:
        return image.convert("RGB")
    on_white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(on_white, image.convert("RGBA")).convert("RGB")
