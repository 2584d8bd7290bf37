"""Source pictures: read with suspicion, handed on without secrets."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from apps.footage import looks
from apps.footage.errors import BadPicture
from apps.footage.heic import TooLarge, open_heic
from apps.footage.wrappings import UNWRAPPERS, Parcel

MAX_BYTES = 40 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_SIDE = 65_500
FORMATS = {looks.JPEG: "jpeg", looks.PNG: "png", looks.WEBP: "webp", looks.HEIC: "heic"}

# Called by name: Pillow's own door tries other formats, and warns of sizes that we have measured already.
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

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A decoded picture: upright, in sRGB, alpha flattened on white; `pixels` is (height, width, 3).

    `says_where` tells whether the file it came in knows where it was taken.
    """

    format: str
    width: int
    height: int
    pixels: Pixels
    says_where: bool = False


def read_picture(data: bytes) -> Picture:
    """Decode JPEG, PNG, WebP or HEIC bytes, or say in a sentence why not."""
    format_ = _recognise(data)
    try:
        image, parcel = _opened(format_, data)
        with image:
            pixels = np.array(_flat(_in_srgb(_upright(image, parcel), parcel.profile)))
    except BadPicture:
        raise
    except TooLarge:
        raise BadPicture(_TOO_LARGE) from None
    except Exception as error:  # decoders of hostile bytes raise whatever they like
        raise BadPicture(
            f"This {_NAMES[format_]} file is damaged or incomplete; export or download it again."
        ) from error
    height, width = pixels.shape[:2]
    return Picture(format=format_, width=width, height=height, pixels=pixels, says_where=parcel.says_where)


def clean_jpeg(picture: Picture, *, longest: int = 4096, quality: int = 92) -> bytes:
    """Encode the bare pixels as JPEG: no GPS, no camera, no thumbnail of what was cropped away."""
    image = Image.fromarray(shrink(picture.pixels, longest=longest))
    return _encoded(image, "JPEG", quality=quality, subsampling=0)


def thumbnail_webp(picture: Picture, *, longest: int = 640) -> bytes:
    """Encode a small WebP for grids and lists."""
    return webp(shrink(picture.pixels, longest=longest))


def average_colour(picture: Picture) -> str:
    """Name the average colour as `#rrggbb`, to stand where the picture will appear."""
    red, green, blue = (round(value) for value in cv2.mean(picture.pixels)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


def shrink(pixels: Pixels, *, longest: int) -> Pixels:
    """Scale down so that no side is longer than `longest`; never up."""
    height, width = pixels.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def webp(pixels: Pixels, *, quality: int = 80, method: int = 3) -> bytes:
    """Encode RGB pixels as WebP."""
    return _encoded(Image.fromarray(pixels), "WEBP", quality=quality, method=method)


_NAMES = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "heic": "HEIC"}
_WANTED = "upload JPEG, PNG, WebP or HEIC"
_TOO_LARGE = f"This picture has more than {MAX_PIXELS // 1_000_000} megapixels; upload a smaller version."
_TOO_LONG = f"This picture is longer than {MAX_SIDE:,} pixels; upload a smaller version."


def _recognise(data: bytes) -> str:
    if not data:
        raise BadPicture(f"This file is empty; {_WANTED}.")
    if len(data) > MAX_BYTES:
        raise BadPicture(f"This file is larger than {MAX_BYTES // 1024**2} MB; upload a smaller version.")
    kind = looks.what_it_looks_like(data[: looks.HEAD])
    if kind == looks.UNKNOWN:
        raise BadPicture(f"This file is not a picture we can read; {_WANTED}.")
    if kind not in FORMATS:
        raise BadPicture(f"This looks like {kind}; {_WANTED}.")
    return FORMATS[kind]


def _opened(format_: str, data: bytes) -> tuple[Image.Image, Parcel]:
    if format_ == "heic":
        return open_heic(data, most_pixels=MAX_PIXELS, longest=MAX_SIDE)
    parcel = UNWRAPPERS[format_](data)
    _measure(parcel.width, parcel.height)
    image: Image.Image = _OPENERS[format_](BytesIO(parcel.core))
    _measure(*image.size)
    return image, parcel


def _measure(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadPicture(_TOO_LARGE)
    if max(width, height) > MAX_SIDE:
        raise BadPicture(_TOO_LONG)


def _upright(image: Image.Image, parcel: Parcel) -> Image.Image:
    turn = _UPRIGHT.get(parcel.orientation)
    image.load()
    return image if turn is None else image.transpose(turn)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Carry a phone's colours (Display P3) or a printer's (CMYK) over to sRGB, since the profile goes."""
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return image if converted is None else converted


def _flat(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        # Pillow clips 16-bit greys at 255 instead of scaling them.
        return Image.fromarray((np.asarray(image).clip(0, 65535) / 257).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    on_white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(on_white, image.convert("RGBA")).convert("RGB")


def _encoded(image: Image.Image, format_: str, **options: int) -> bytes:
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()
