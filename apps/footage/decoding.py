"""Decode a picture's file. Only this code touches a stranger's bytes, and it runs isolated.

The module imports little, so that apps.footage.decoder_process starts quickly. Rotation needs the
whole picture. All other conversion is done in strips, so that memory never holds several copies of
a large picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from apps.footage.containers import STRIPPERS, StrippedPicture
from apps.footage.errors import BadPicture
from apps.footage.heic import decode_heic

MAX_PIXELS = 60_000_000
MAX_SIDE = 65_500
TOO_LARGE = (
    f"This picture has more than {MAX_PIXELS // 1_000_000} megapixels; upload a smaller version."
)
TOO_LONG = f"This picture is longer than {MAX_SIDE:,} pixels; upload a smaller version."
STRIP_ROWS = 256

# Plugins are called by name: Image.open tries other formats, too, and warns of sizes that we have
# checked already.
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
class DecodedPicture:
    """A decoded, upright picture; its colours are still those of the file."""

    image: Image.Image
    has_location: bool
    to_srgb: ImageCms.ImageCmsTransform | None

    def strips(self) -> Iterator[bytes]:
        """Yield its pixels from top to bottom: RGB, in sRGB, transparency on white."""
        width, height = self.image.size
        for top in range(0, height, STRIP_ROWS):
            strip = self.image.crop((0, top, width, min(top + STRIP_ROWS, height)))
            if self.to_srgb:
                strip = ImageCms.applyTransform(strip, self.to_srgb) or strip
            yield _on_white(strip).tobytes()


def decode(format_: str, data: bytes) -> DecodedPicture:
    """Decode a file of this format.

    Raises BadPicture for a picture that is too large, and any exception for a broken file.
    """
    image, stripped = _decode_upright(format_, data)
    return DecodedPicture(image, stripped.has_location, _to_srgb(image, stripped.profile))


def _decode_upright(format_: str, data: bytes) -> tuple[Image.Image, StrippedPicture]:
    if format_ == "heic":
        return decode_heic(data, _require_allowed_size)
    stripped = STRIPPERS[format_](data)
    _require_allowed_size(stripped.width, stripped.height)
    image: Image.Image = _OPENERS[format_](BytesIO(stripped.core))
    _require_allowed_size(*image.size)
    image.load()
    turn = _UPRIGHT.get(stripped.orientation)
    return image if turn is None else image.transpose(turn), stripped


def _require_allowed_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadPicture(TOO_LARGE)
    if max(width, height) > MAX_SIDE:
        raise BadPicture(TOO_LONG)


def _to_srgb(image: Image.Image, profile: bytes) -> ImageCms.ImageCmsTransform | None:
    """Return the conversion to sRGB from a phone's Display P3 or a printer's CMYK, if needed."""
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return None
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.buildTransform(source, _SRGB, image.mode, mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _on_white(image: Image.Image) -> Image.Image:
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
