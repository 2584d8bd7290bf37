"""What strangers' files may cost: nothing but a moment."""

import json
import subprocess
import sys
import time
from functools import cache
from io import BytesIO

import pytest
from PIL import Image

from apps.footage.decode_isolated import decode_isolated
from apps.footage.errors import BadPicture
from apps.footage.pictures import Picture, clean_jpeg, read_picture, thumbnail_webp
from tests.footage.badfiles import (
    END,
    PIXELS,
    SCRIPT,
    chunk,
    every_file,
    good_ones,
    ihdr,
    jpeg_with,
    png,
    png_with,
    segment,
    table_of,
)
from tests.footage.films import encode, quarters
from tests.support.cases import case

GOOD = dict(good_ones())
PLACE = table_of((0x8825, 4, 1, 26))
SECONDS = 10.0  # on a machine that does a lot beside
MEGABYTE = 1024 * 1024


files = cache(every_file)


def test_there_are_enough_bad_files():
    assert len(files()) >= 100
    assert len(GOOD) >= 20


def picture_or_reason(data: bytes) -> tuple[Picture | None, str]:
    try:
        return read_picture(data), ""
    except BadPicture as fault:
        return None, str(fault)


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_every_bad_file_is_refused_in_a_sentence_or_cleaned():
    for name, (data, fate) in files().items():
        with case(name):
            assert_refused_or_cleaned(data, fate)


def assert_refused_or_cleaned(data: bytes, fate: str) -> None:
    start = time.monotonic()
    picture, words = picture_or_reason(data)
    assert fate in {"taken" if picture else "refused", "any"}, words
    assert words.startswith("This ") == words.endswith(".") == (picture is None)
    if picture:
        for ours, format_ in ((clean_jpeg(picture), "JPEG"), (thumbnail_webp(picture), "WEBP")):
            assert not any(bad in ours for bad in (b"<script", b"<?php", b"PK\x03\x04", b"Exif"))
            with Image.open(BytesIO(ours)) as kept:
                kept.load()
                assert kept.format == format_
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize(
    "name",
    [*list(GOOD)[:4], *(pytest.param(name, marks=pytest.mark.proof) for name in list(GOOD)[4:])],
)
def test_odd_but_honest_pictures_are_taken(name):
    picture = read_picture(GOOD[name])
    assert picture.pixels.shape == (picture.height, picture.width, 3)
    assert Image.open(BytesIO(clean_jpeg(picture))).mode == "RGB"


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_picture_that_knows_where_it_was_taken_is_recognized(format_):
    silent = encode(quarters(), format_)
    known = encode(quarters(), format_, exif=place())
    words = b'<x:xmpmeta exif:GPSLatitude="52,31.2N"/>'
    in_words = (
        png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + words))
        if format_ == "PNG"
        else encode(quarters(), format_, xmp=words)
    )
    assert [read_picture(data).has_location for data in (silent, known, in_words)] == [
        False,
        True,
        True,
    ]


def place() -> bytes:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    return exif.tobytes()


def test_the_decoder_never_sees_what_hangs_around_the_picture():
    secret = (
        segment(0xE1, PLACE) + segment(0xFE, SCRIPT) + segment(0xED, b"Photoshop 3.0\0" + SCRIPT)
    )
    assert (clean_jpeg(read_picture(jpeg_with(secret)))) == clean_jpeg(read_picture(jpeg_with()))


# Run apart, so that what was used before does not hide what is used now.
MEASURED = """
import json, resource, sys, time
from apps.footage.pictures import read_picture
from apps.footage.errors import BadPicture
def used():
    processes = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return [resource.getrusage(who).ru_maxrss for who in processes]
before, start = used(), time.process_time()
try:
    read_picture(sys.stdin.buffer.read()); fate = "taken"
except BadPicture as fault:
    fate = str(fault)
after = used()
print(json.dumps({"fate": fate, "seconds": time.process_time() - start,
                  "megabytes": (after[0] - before[0]) / 1024,
                  "megabytes_of_decoder": after[1] / 1024}))
"""


def measure(data: bytes) -> dict:
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", MEASURED],
        input=data,
        capture_output=True,
        check=True,
    )
    assert not done.stderr
    return json.loads(done.stdout)


FORMATS = ("png", "webp", "jpeg", "heic")


def bombs(format_: str) -> list[bytes]:
    return [
        data
        for name, (data, _fate) in files().items()
        if name.startswith(format_)
        if any(word in name for word in ("megapixels", "bomb", "inflates"))
    ]


def assert_cheap(data: bytes) -> None:
    cost = measure(data)
    assert cost["megabytes"] < 60
    assert cost["megabytes_of_decoder"] < 120
    assert cost["seconds"] < SECONDS


@pytest.mark.parametrize("format_", FORMATS)
def test_a_bomb_takes_no_memory_worth_the_name(format_):
    assert_cheap(bombs(format_)[0])


@pytest.mark.proof
@pytest.mark.parametrize("format_", FORMATS)
def test_no_bomb_takes_memory_worth_the_name(format_):
    for number, data in enumerate(bombs(format_)):
        with case(number):
            assert_cheap(data)


@pytest.mark.proof
def test_the_largest_picture_we_take_stays_below_half_a_gigabyte():
    with BytesIO() as out:
        Image.new("RGBA", (7745, 7745), (1, 2, 3, 4)).save(out, "PNG")
        cost = measure(out.getvalue())
    assert cost["fate"] == "taken"
    assert cost["megabytes"] < 500
    assert cost["megabytes_of_decoder"] < 1000


# Ten million markers that mean nothing, each of them to be looked at: the slowest file we know for
# its size.
ENDLESS = b"\xff\xd8\xff\x01" + b"\xff\x01" * (10 * MEGABYTE)


def test_a_file_that_takes_for_ever_is_refused_when_its_time_is_over():
    start = time.process_time()
    with pytest.raises(BadPicture, match="too much time or memory"):
        decode_isolated("jpeg", ENDLESS, timeout=0.5)
    assert time.process_time() - start < 0.5


def test_pixels_are_read_only_from_a_process_that_ended_well():
    good = encode(quarters(), "JPEG")
    with pytest.raises(BadPicture):
        decode_isolated("jpeg", good, timeout=0)
    assert decode_isolated("jpeg", good)[0].shape == (16, 32, 3)


def test_a_picture_that_is_longer_than_any_is_refused_by_its_header():
    with pytest.raises(BadPicture, match="longer than 65,500 pixels; upload a smaller version"):
        read_picture(png(ihdr(70_000, 10), PIXELS, END))
