import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from apps.footage import pictures
from apps.footage.errors import BadPicture
from apps.footage.pictures import average_colour, clean_jpeg, read_picture, thumbnail_webp
from tests.footage.films import encode, quarters
from tests.support.cases import case

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
ORIENTATION, GPS, LATITUDE = 0x0112, 0x8825, 2


def corners(pixels, *, near=12):
    """Name the colours of the four corners, clockwise from the top left."""
    names = {RED: "r", GREEN: "g", BLUE: "b", WHITE: "w"}
    spots = [pixels[2, 2], pixels[2, -3], pixels[-3, -3], pixels[-3, 2]]
    return "".join(
        next(
            (
                name
                for colour, name in names.items()
                if np.abs(spot.astype(int) - colour).max() <= near
            ),
            "?",
        )
        for spot in spots
    )


def with_exif(**tags) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = tags.get("orientation", 1)
    if "latitude" in tags:
        exif.get_ifd(GPS)[LATITUDE] = tags["latitude"]
    return exif


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("jpeg", {"quality": 95, "subsampling": 0}),
        ("png", {}),
        ("webp", {"lossless": True}),
        ("heif", {"quality": 95, "chroma": 444}),
    ],
)
def test_the_four_formats_are_read(format_, options):
    picture = read_picture(encode(quarters(64, 32), format_.upper(), **options))
    assert picture.format == format_.replace("heif", "heic")
    assert (picture.width, picture.height) == (64, 32)
    assert picture.pixels.shape == (32, 64, 3)
    assert picture.pixels.dtype == np.uint8
    assert corners(picture.pixels) == "rgwb"


UPRIGHT = {
    1: "rgwb",
    2: "grbw",
    3: "wbrg",
    4: "bwgr",
    5: "rbwg",
    6: "brgw",
    7: "wgrb",
    8: "gwbr",
}


def assert_upright(format_: str, orientation: int) -> None:
    exif = with_exif(orientation=orientation).tobytes()
    picture = read_picture(encode(quarters(64, 32), format_, exif=exif, quality=95))
    assert corners(picture.pixels, near=60) == UPRIGHT[orientation]
    assert (picture.width, picture.height) == ((64, 32) if orientation < 5 else (32, 64))


def test_a_phone_held_in_any_way_gives_an_upright_picture():
    for orientation in UPRIGHT:
        with case(orientation):
            assert_upright("JPEG", orientation)


@pytest.mark.parametrize("format_", ["HEIF", "PNG", "WEBP"])
def test_a_picture_of_another_format_is_upright_too(format_):
    for orientation in (1, 6):
        with case(orientation):
            assert_upright(format_, orientation)


@pytest.mark.proof
@pytest.mark.parametrize("format_", ["HEIF", "PNG", "WEBP"])
def test_a_picture_of_another_format_is_upright_however_it_was_held(format_):
    for orientation in UPRIGHT:
        with case(orientation):
            assert_upright(format_, orientation)


def test_a_sixteen_bit_grey_keeps_its_greys():
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    picture = read_picture(encode(Image.fromarray(ramp), "PNG"))
    assert np.abs(picture.pixels[0, :, 1].astype(int) - np.arange(256)).max() <= 1


def test_a_sixteen_bit_colour_png_is_read():
    row = b"\0" + struct.pack(">3H", 65535, 32768, 0) * 4
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 4)),
        (b"IEND", b""),
    ]
    assert read_picture(png(chunks)).pixels[0, 0].tolist() == [255, 128, 0]


def png(chunks) -> bytes:
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("mode", ["L", "P", "1"])
def test_greys_and_palettes_become_colours(mode):
    picture = read_picture(encode(quarters().convert(mode), "PNG"))
    assert picture.pixels.shape == (16, 32, 3)
    assert picture.pixels[-1, -1].tolist() == [255, 255, 255]


def test_a_printers_jpeg_keeps_its_colours():
    picture = read_picture(encode(quarters(64, 32).convert("CMYK"), "JPEG", quality=95))
    assert corners(picture.pixels, near=60) == "rgwb"


@pytest.mark.parametrize(("format_", "mode"), [("PNG", "RGBA"), ("WEBP", "RGBA"), ("PNG", "LA")])
def test_what_is_transparent_becomes_white(format_, mode):
    image = Image.new(mode, (8, 8), 0)
    assert read_picture(encode(image, format_)).pixels.min() == 255


def test_a_transparent_palette_colour_becomes_white():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 10, 10])
    assert read_picture(encode(image, "PNG", transparency=1)).pixels.min() == 255


def test_an_animated_webp_shows_its_first_picture():
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    data = encode(first, "WEBP", save_all=True, append_images=[second], lossless=True)
    assert read_picture(data).pixels[0, 0].tolist() == [255, 0, 0]


def test_the_colours_of_a_profile_are_carried_over_to_srgb():
    # A profile whose red and blue trade places would be seen by anybody.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")
    data = encode(Image.new("RGB", (8, 8), "red"), "PNG", icc_profile=swapped)
    red, _, blue = read_picture(data).pixels[0, 0].tolist()
    assert blue > red


def test_a_broken_profile_and_a_broken_exif_do_not_spoil_a_picture():
    data = encode(
        quarters(), "PNG", icc_profile=b"no profile", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"
    )
    assert corners(read_picture(data).pixels) == "rgwb"


SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (SVG, "an SVG drawing"),
        (b"<!DOCTYPE html><html><body>hi</body></html>", "a web page"),
        ("Ein schöner Text".encode(), "a text file"),
        (encode(quarters(), "GIF"), "a GIF animation"),
        (encode(quarters(), "TIFF"), "a TIFF picture"),
        (encode(quarters(), "BMP"), "a BMP picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"PK\x03\x04\x14\0\0\0", "a ZIP archive"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isommp42", "an MP4 video"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "an AVIF picture"),
        (b"GIF89a/*<script>alert(1)</script>*/", "a GIF animation"),
    ],
)
def test_what_is_no_picture_for_us_is_named_and_something_better_is_asked_for(data, name):
    with pytest.raises(BadPicture) as caught:
        read_picture(data)
    assert str(caught.value) == f"This looks like {name}; upload JPEG, PNG, WebP or HEIC."


def test_an_empty_file_is_called_empty():
    with pytest.raises(BadPicture, match=r"^This file is empty; upload JPEG, PNG, WebP or HEIC\.$"):
        read_picture(b"")


def test_noise_is_not_called_anything():
    with pytest.raises(BadPicture, match="not a picture we can read; upload JPEG"):
        read_picture(b"\x01\x02\x03\x04" * 40)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_half_a_download_is_called_damaged(format_, share):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8))
    data = encode(noise, format_)
    with pytest.raises(BadPicture, match="damaged or incomplete; export or download it again"):
        read_picture(data[: int(len(data) * share)])


def test_html_behind_a_pictures_first_bytes_is_no_picture():
    with pytest.raises(BadPicture, match="This PNG file is damaged"):
        read_picture(b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>")


def test_a_stowaway_behind_a_picture_is_left_behind():
    data = encode(quarters(), "JPEG") + b"PK\x03\x04 <script>alert(1)</script>"
    picture = read_picture(data)
    assert b"<script>" not in clean_jpeg(picture)
    assert b"<script>" not in thumbnail_webp(picture)


def test_a_file_too_heavy_is_turned_away(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_BYTES", 1024**2)
    with pytest.raises(BadPicture, match="larger than 1 MB; upload a smaller version"):
        read_picture(b"\xff\xd8\xff" + b"\0" * 1024**2)


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_decompression_bomb_is_turned_away_by_its_header(side):
    header = (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = png([header, (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")])
    with pytest.raises(BadPicture, match="more than 60 megapixels; upload a smaller version"):
        read_picture(bomb)


def test_where_a_picture_was_taken_stays_with_us():
    exif = with_exif(orientation=6, latitude=(52.0, 31.0, 12.0))
    data = encode(quarters(64, 32), "JPEG", exif=exif.tobytes(), comment=b"Aunt Erna", quality=95)
    assert b"Exif" in data
    picture = read_picture(data)
    for clean in (clean_jpeg(picture), thumbnail_webp(picture)):
        with Image.open(BytesIO(clean)) as image:
            assert not dict(image.getexif())
            assert not set(image.info) & {"exif", "comment", "icc_profile", "xmp", "photoshop"}
            assert corners(np.asarray(image.convert("RGB")), near=60) == "brgw"


@pytest.mark.parametrize(("make", "default"), [(clean_jpeg, 4096), (thumbnail_webp, 640)])
def test_a_large_picture_is_made_smaller_and_a_small_one_is_left(make, default):
    large = read_picture(encode(Image.new("RGB", (5000, 50), "teal"), "PNG"))
    small = read_picture(encode(Image.new("RGB", (30, 20), "teal"), "PNG"))
    sizes = []
    for picture in (large, small):
        with Image.open(BytesIO(make(picture))) as image:
            sizes.append(image.size)
    assert sizes == [(default, round(50 * default / 5000)), (30, 20)]


def test_the_narrowest_picture_keeps_one_pixel():
    picture = read_picture(encode(Image.new("RGB", (2000, 1), "teal"), "PNG"))
    with Image.open(BytesIO(thumbnail_webp(picture))) as image:
        assert image.size == (640, 1)


def test_the_average_colour_stands_in_for_a_picture():
    assert (
        average_colour(read_picture(encode(Image.new("RGB", (8, 8), "#4080c0"), "PNG")))
        == "#4080c0"
    )
    assert average_colour(read_picture(encode(quarters(), "PNG"))) == "#808080"


def complaint_about(data: bytes) -> str | None:
    try:
        read_picture(data)
    except BadPicture as error:
        return str(error)
    return None


BEGINNINGS = [
    b"",
    *(
        encode(quarters(), format_)[:length]
        for format_ in ("JPEG", "PNG", "WEBP", "HEIF")
        for length in (20, 90)
    ),
]


@pytest.mark.proof
@settings(deadline=None)
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=200))
def test_no_bytes_whatsoever_raise_anything_else(beginning, rest):
    complaint = complaint_about(beginning + rest)
    assert complaint is None or complaint.endswith(".")


SAMPLES = [encode(quarters(), format_) for format_ in ("JPEG", "PNG", "WEBP", "HEIF")]


@pytest.mark.proof
@settings(deadline=None)
@given(data=st.sampled_from(SAMPLES), at=st.floats(0, 1), rot=st.binary(min_size=1, max_size=8))
def test_a_rotten_spot_anywhere_is_survived(data, at, rot):
    spot = int(at * len(data))
    complaint = complaint_about(data[:spot] + rot + data[spot + len(rot) :])
    assert complaint is None or complaint.endswith(".")
