"""Malicious and damaged files, made by code, each with a name."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image

from tests.footage.films import encode, quarters

SCRIPT = b"<script>window.pwned = true</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HUGE = (70_000, 30_000)  # of which a JPEG could only say the half
PHP = b"<?php system($_GET['c']); ?>"


def noise(side: int = 96) -> Image.Image:
    """A picture that no encoder can make small."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 255, (side, side, 3), np.uint8))


# --- PNG ------------------------------------------------------------------------------------------
def chunk(
    kind: bytes, body: bytes = b"", *, length: int | None = None, crc: int | None = None
) -> bytes:
    size = len(body) if length is None else length
    return (
        struct.pack(">I", size)
        + kind
        + body
        + struct.pack(">I", zlib.crc32(kind + body) if crc is None else crc)
    )


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def ihdr(
    width: int = 4, height: int = 4, depth: int = 8, colours: int = 2, interlaced: int = 0
) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced))


PIECE = 1_000_000
PIXELS = chunk(b"IDAT", zlib.compress((b"\0" + b"\x40\x80\xc0" * 4) * 4))
END = chunk(b"IEND")


def png_with(*extra: bytes) -> bytes:
    """A small good PNG with something more in it."""
    return png(ihdr(), *extra, PIXELS, END)


def inflating(size: int) -> bytes:
    """So many zeros, packed a thousand to one: a packed megabyte, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    rest = packer.compress(bytes(size % PIECE)) + packer.flush()
    checksum = (size % 65521) << 16 | 1  # Adler-32 of so many zeros
    return b"\x78\xda" + piece * (size // PIECE) + rest + checksum.to_bytes(4, "big")


def pngs() -> Iterator[tuple[str, bytes, str]]:
    good = encode(noise(), "PNG")
    yield "png of 2100 megapixels", png(ihdr(*HUGE), PIXELS, END), "refused"
    yield (
        "png of the largest size there is",
        png(ihdr(2**31 - 1, 2**31 - 1), PIXELS, END),
        "refused",
    )
    yield "png beyond the largest size", png(ihdr(2**32 - 1, 2**32 - 1), PIXELS, END), "refused"
    yield "png one pixel high and endless", png(ihdr(59_000_000, 1), PIXELS, END), "refused"
    yield "png without width", png(ihdr(0, 4), PIXELS, END), "refused"
    yield "png without height", png(ihdr(4, 0), PIXELS, END), "refused"
    yield (
        "png that inflates beyond its size",
        png(ihdr(), chunk(b"IDAT", inflating(200_000_000)), END),
        "taken",
    )
    yield (
        "png bomb at the limit",
        png(ihdr(7000, 8000), chunk(b"IDAT", inflating(300_000)), END),
        "refused",
    )
    yield (
        "png with a bomb as profile",
        png_with(chunk(b"iCCP", b"x\0\0" + inflating(200_000_000))),
        "taken",
    )
    yield (
        "png with a bomb as words",
        png_with(chunk(b"zTXt", b"x\0\0" + inflating(200_000_000))),
        "taken",
    )
    yield (
        "png with a bomb as foreign words",
        png_with(chunk(b"iTXt", b"x\0\1\0\0\0" + inflating(200_000_000))),
        "taken",
    )
    yield "png with a broken profile", png_with(chunk(b"iCCP", b"x\0\0no profile")), "taken"
    yield "png with an empty profile", png_with(chunk(b"iCCP")), "taken"
    yield "png with twenty thousand words", png_with(chunk(b"tEXt", b"a\0b") * 20_000), "taken"
    yield "png in too many pieces", png_with(chunk(b"tEXt", b"") * 210_000), "refused"
    yield "png with a page in its words", png_with(chunk(b"tEXt", b"x\0" + SCRIPT)), "taken"
    yield "png with a page behind it", good + b"<html>" + SCRIPT, "taken"
    yield "png with an archive behind it", good + archive(), "taken"
    yield "png with a wrong checksum", png(ihdr(), PIXELS[:-4] + b"\0\0\0\0", END), "any"
    yield (
        "png with a chunk longer than itself",
        png(ihdr(), chunk(b"IDAT", b"x", length=2**31 - 1)),
        "refused",
    )
    yield "png without pixels", png(ihdr(), END), "refused"
    yield "png without an end", png(ihdr(), PIXELS), "refused"
    yield "png without a header", png(PIXELS, END), "refused"
    yield "png with two headers", png(ihdr(), ihdr(60_000, 60_000), PIXELS, END), "refused"
    yield "png of an unknown colour", png(ihdr(colours=7), PIXELS, END), "refused"
    yield "png of an impossible depth", png(ihdr(depth=3), PIXELS, END), "refused"
    yield "png with a palette that is missing", png(ihdr(colours=3), PIXELS, END), "any"
    yield "png interlaced and cut", png(ihdr(interlaced=1), PIXELS, END), "refused"
    yield (
        "png whose pixels are no zlib",
        png(ihdr(), chunk(b"IDAT", b"no zlib at all"), END),
        "refused",
    )
    yield "png signature alone", png(), "refused"
    yield "png signature and a page", png() + b"<html>" + SCRIPT, "refused"
    yield (
        "png that claims a million frames",
        png_with(chunk(b"acTL", struct.pack(">II", 1_000_000, 0))),
        "taken",
    )
    yield "png with broken frames", png_with(chunk(b"acTL", b"1"), chunk(b"fcTL", b"2")), "taken"
    animation = encode(quarters(), "PNG", save_all=True, append_images=[quarters().rotate(90)])
    yield "animated png", animation, "taken"
    for tenth in (1, 3, 5, 7, 9):
        yield f"png cut after {tenth}0 %", good[: len(good) * tenth // 10], "refused"


# --- JPEG -----------------------------------------------------------------------------------------
def segment(marker: int, body: bytes, *, length: int | None = None) -> bytes:
    return (
        bytes([0xFF, marker])
        + struct.pack(">H", (len(body) + 2) if length is None else length)
        + body
    )


def jpeg_with(*segments: bytes, picture: bytes = b"") -> bytes:
    """A good JPEG with segments put in right behind its beginning."""
    good = picture or encode(quarters(64, 32), "JPEG", quality=90)
    return good[:2] + b"".join(segments) + good[2:]


def frame_of(data: bytes) -> int:
    """Where the header of the picture lies."""
    return next(at for at in range(len(data)) if data[at : at + 2] in {b"\xff\xc0", b"\xff\xc2"})


def with_size(data: bytes, width: int, height: int) -> bytes:
    """The same JPEG, lying about its size."""
    at = frame_of(data) + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def jpeg_with_scans(times: int) -> bytes:
    """A progressive JPEG whose last scan is there again and again."""
    data = encode(quarters(64, 32), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    return data[:-2] + scan * times + b"\xff\xd9"


def table_of(*entries: tuple[int, int, int, int], after: int = 0) -> bytes:
    """An EXIF block with these entries (tag, kind, count, value) and a way on."""
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return (
        b"Exif\0\0II*\0"
        + struct.pack("<I", 8)
        + struct.pack("<H", len(entries))
        + rows
        + struct.pack("<I", after)
    )


def exifs() -> Iterator[tuple[str, bytes]]:
    yield "that leads back to itself", table_of((0x0112, 3, 1, 1), after=8)
    yield "whose place is itself", table_of((0x8825, 4, 1, 8))
    yield "whose camera is itself", table_of((0x8769, 4, 1, 8))
    yield "that begins behind its end", b"Exif\0\0II*\0\xff\xff\xff\xff"
    yield "of sixty thousand entries", b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\0" * 60
    yield "with four billion values", table_of((0x010E, 5, 0xFFFFFFFF, 8))
    yield "with values behind its end", table_of((0x010E, 2, 60_000, 0xFFFFFFF0))
    yield "of no order", b"Exif\0\0XX*\0\0\0\0\0"
    yield "that is empty", b"Exif\0\0"
    yield "with an impossible way up", table_of((0x0112, 3, 1, 99))
    yield "with a way up of words", table_of((0x0112, 2, 9, 8))
    yield "with a page in it", b"Exif\0\0" + SCRIPT
    yield "with code in it", table_of((0x010E, 2, 4, 0)) + PHP


def jpegs() -> Iterator[tuple[str, bytes, str]]:
    good, large = (
        encode(quarters(64, 32), "JPEG", quality=90),
        encode(noise(), "JPEG", quality=95),
    )
    yield "jpeg of 4290 megapixels", with_size(good, 65_500, 65_500), "refused"
    yield "jpeg of 60.1 megapixels", with_size(good, 10_000, 6_010), "refused"
    yield "jpeg of the largest size there is", with_size(good, 65_535, 65_535), "refused"
    yield "jpeg without height", with_size(good, 64, 0), "refused"
    yield "jpeg without width", with_size(good, 0, 32), "refused"
    yield "jpeg that is much shorter than it says", with_size(good, 6000, 6000), "any"
    yield "jpeg drawn over five thousand times", jpeg_with_scans(5000), "refused"
    yield "jpeg drawn over fifty times", jpeg_with_scans(50), "any"
    yield "jpeg with a page as comment", jpeg_with(segment(0xFE, SCRIPT)), "taken"
    yield "jpeg with code as comment", jpeg_with(segment(0xFE, PHP)), "taken"
    yield "jpeg with code behind it", good + PHP, "taken"
    yield "jpeg with an archive behind it", good + archive(), "taken"
    yield "jpeg with another behind it", good + with_size(good, 65_500, 65_500), "taken"
    yield "jpeg that is a script", b"\xff\xd8\xff\xe0/*" + b"\0" * 50 + b"*/=alert(1);", "refused"
    yield "jpeg with a thousand comments", jpeg_with(segment(0xFE, b"x") * 1000), "taken"
    yield (
        "jpeg with a comment longer than itself",
        jpeg_with(segment(0xFE, b"x", length=65_535)),
        "refused",
    )
    yield "jpeg with a comment of no length", jpeg_with(segment(0xFE, b"", length=0)), "refused"
    yield "jpeg with rubbish between its parts", jpeg_with(b"rubbish"), "refused"
    yield "jpeg with much filling", jpeg_with(b"\xff" * 5000), "taken"
    yield (
        "jpeg with rubbish as profile",
        jpeg_with(segment(0xE2, b"ICC_PROFILE\0\1\1rubbish")),
        "taken",
    )
    yield (
        "jpeg with pieces of a profile missing",
        jpeg_with(segment(0xE2, b"ICC_PROFILE\0\7\xff" + b"x" * 99)),
        "taken",
    )
    yield (
        "jpeg with broken words of iptc",
        jpeg_with(segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\xff\xff\xff\xff")),
        "taken",
    )
    yield (
        "jpeg with broken pictures beside it",
        jpeg_with(segment(0xE2, b"MPF\0II*\0\xff\xff\xff\xff")),
        "taken",
    )
    yield (
        "jpeg with xmp that opens files",
        jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + ENTITIES)),
        "taken",
    )
    yield "jpeg without tables", good[:2] + good[frame_of(good) :], "any"
    yield "jpeg with a rotten huffman table", rotten_huffman(good), "any"
    yield "jpeg whose pixels are noise", good[:-200] + bytes(range(200)) + b"\xff\xd9", "any"
    yield "jpeg of nothing but its beginning", b"\xff\xd8\xff", "refused"
    yield "jpeg that ends at once", b"\xff\xd8\xff\xd9", "refused"
    yield (
        "jpeg arithmetic and empty",
        b"\xff\xd8" + segment(0xC9, b"\x08\0\x10\0\x10\1\1\x11\0") + b"\xff\xd9",
        "refused",
    )
    yield "jpeg of four thousand beginnings", b"\xff\xd8" * 4000, "refused"
    for name, exif in exifs():
        yield f"jpeg with exif {name}", jpeg_with(segment(0xE1, exif)), "taken"
    for tenth in (1, 3, 5, 7, 9):
        yield f"jpeg cut after {tenth}0 %", large[: len(large) * tenth // 10], "refused"


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]><x>&c;&b;</x>'


def rotten_huffman(good: bytes) -> bytes:
    at = good.index(b"\xff\xc4") + 5
    return good[:at] + b"\xff" * 16 + good[at + 16 :]


# --- WebP -----------------------------------------------------------------------------------------
def riff(*pieces: tuple[bytes, bytes], length: int | None = None) -> bytes:
    inside = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
        for kind, body in pieces
    )
    return b"RIFF" + struct.pack("<I", len(inside) if length is None else length) + inside


def vp8x(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + sizes


def webps() -> Iterator[tuple[str, bytes, str]]:
    good = encode(noise(), "WEBP", quality=90)
    pixels = (b"VP8 ", good[20 : 20 + int.from_bytes(good[16:20], "little")])
    exif = table_of((0x0112, 3, 1, 6))
    yield "webp of 268 megapixels", riff(vp8x(16_384, 16_384), pixels), "refused"
    yield "webp of 281 million megapixels", riff(vp8x(2**24, 2**24), pixels), "refused"
    yield (
        "lossless webp of 268 megapixels",
        riff((b"VP8L", b"\x2f\xff\xff\xff\x0f" + b"\0" * 30)),
        "refused",
    )
    yield (
        "lossy webp of 268 megapixels",
        riff((b"VP8 ", b"\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + b"\0" * 30)),
        "refused",
    )
    yield (
        "animated webp of 268 megapixels",
        riff(vp8x(16_384, 16_384, 2), (b"ANIM", b"\0" * 6)),
        "refused",
    )
    yield "webp whose canvas is larger than its picture", riff(vp8x(5000, 5000), pixels), "any"
    yield (
        "webp with secrets",
        riff(
            vp8x(96, 96, 0x2C),
            (b"ICCP", b"rubbish"),
            pixels,
            (b"EXIF", exif),
            (b"XMP ", ENTITIES),
        ),
        "taken",
    )
    yield "webp with a page behind it", good + b"<html>" + SCRIPT, "taken"
    yield "webp with a page in it", riff(vp8x(96, 96), pixels, (b"HTML", SCRIPT)), "taken"
    yield "webp longer than itself", riff(pixels, length=2**32 - 2), "refused"
    yield "webp of no length", riff(pixels, length=0), "refused"
    yield "webp without a picture", riff(vp8x(96, 96)), "refused"
    yield "webp of nothing", riff(), "refused"
    yield (
        "webp with a piece longer than itself",
        riff()[:12] + b"VP8 \xff\xff\xff\x7f" + b"\0" * 40,
        "refused",
    )
    frames = [quarters().rotate(turn) for turn in (90, 180)]
    yield "animated webp", encode(quarters(), "WEBP", save_all=True, append_images=frames), "taken"
    for tenth in (1, 3, 5, 7, 9):
        yield f"webp cut after {tenth}0 %", good[: len(good) * tenth // 10], "refused"


# --- HEIC -----------------------------------------------------------------------------------------
def box(kind: bytes, body: bytes = b"", *, length: int | None = None) -> bytes:
    return struct.pack(">I", (len(body) + 8) if length is None else length) + kind + body


FTYP = box(b"ftyp", b"heic\0\0\0\0mif1heic")


def heics() -> Iterator[tuple[str, bytes, str]]:
    good = encode(noise(), "HEIF", quality=80)
    size = good.index(b"ispe") + 8
    yield (
        "heic of 4294 megapixels",
        good[:size] + struct.pack(">II", 65_536, 65_536) + good[size + 8 :],
        "refused",
    )
    yield (
        "heic of the largest size there is",
        good[:size] + b"\xff" * 8 + good[size + 8 :],
        "refused",
    )
    yield "heic without size", good[:size] + b"\0" * 8 + good[size + 8 :], "refused"
    yield (
        "heic that says it is larger",
        good[:size] + struct.pack(">II", 6000, 6000) + good[size + 8 :],
        "any",
    )
    yield "heic of a name alone", FTYP, "refused"
    yield "heic with an empty table", FTYP + box(b"meta"), "refused"
    yield "heic with a table longer than itself", FTYP + box(b"meta", b"x", length=2**31), "refused"
    yield "heic with a box of no length", FTYP + box(b"meta", b"x", length=1) + b"\0" * 8, "refused"
    yield "heic with boxes a thousand deep", FTYP + nested_boxes(1000), "refused"
    yield "heic with a million empty boxes", FTYP + box(b"free") * 100_000, "refused"
    yield "heic with a page behind it", good + SCRIPT, "any"
    yield "heic with its pixels gone", good[: good.index(b"mdat") + 4] + bytes(len(good)), "any"
    yield "heic with a rotten table", good[:60] + bytes(80) + good[140:], "refused"
    for tenth in (1, 3, 5, 7, 9):
        yield f"heic cut after {tenth}0 %", good[: len(good) * tenth // 10], "refused"


def nested_boxes(depth: int) -> bytes:
    body = b""
    for _ in range(depth):
        body = box(b"meta", b"\0\0\0\0" + body)
    return body


# --- Everything else ------------------------------------------------------------------------------
def archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("../../evil.html", SCRIPT)
    return out.getvalue()


def ico(picture: bytes) -> bytes:
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 0, 0, 0, 0, 1, 32, len(picture), 22) + picture


def mpo() -> bytes:
    return encode(quarters(), "MPO", save_all=True, append_images=[quarters().rotate(180)])


def others() -> Iterator[tuple[str, bytes, str]]:
    small = quarters()
    yield "nothing", b"", "refused"
    yield "one byte", b"\xff", "refused"
    yield "a page", b"<!doctype html><html><body>" + SCRIPT, "refused"
    yield "a page in capitals", b"<HTML><SCRIPT>alert(1)</SCRIPT>", "refused"
    yield "a page behind white space", b" \r\n\t<html>" + SCRIPT, "refused"
    yield "a page in sixteen bits", ("\ufeff<html>" + SCRIPT.decode()).encode("utf-16"), "refused"
    yield "a drawing with a script", SVG, "refused"
    yield "a drawing as xml", b'<?xml version="1.0"?>' + SVG, "refused"
    yield "a drawing that opens files", ENTITIES.replace(b"<x>", SVG), "refused"
    yield "a drawing packed", zlib.compress(SVG), "refused"
    yield "a script", b"alert(document.cookie)", "refused"
    yield "code", PHP, "refused"
    yield "code for a shell", b"#!/bin/sh\nrm -rf /\n", "refused"
    yield "a gif", encode(small, "GIF"), "refused"
    yield (
        "an animated gif",
        encode(small, "GIF", save_all=True, append_images=[small.rotate(90)]),
        "refused",
    )
    yield "a gif that is a script", b"GIF89a=1;alert(1);//", "refused"
    yield "a gif of 4294 megapixels", b"GIF89a\xff\xff\xff\xff\0\0\0;", "refused"
    yield "a bmp", encode(small, "BMP"), "refused"
    yield "a tiff", encode(small, "TIFF"), "refused"
    yield (
        "a tiff of many pages",
        encode(small, "TIFF", save_all=True, append_images=[small] * 5),
        "refused",
    )
    yield "a large tiff", b"II+\0\x08\0\0\0", "refused"
    yield "an icon", ico(encode(small, "PNG")), "refused"
    yield "an apple icon", encode(small.resize((32, 32)), "ICNS"), "refused"
    yield (
        "a photoshop document",
        b"8BPS\0\1" + b"\0" * 6 + b"\0\3\xff\xff\xff\xff\xff\xff\xff\xff\0\x08\0\3",
        "refused",
    )
    yield (
        "postscript",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
        "refused",
    )
    yield (
        "postscript for windows",
        b"\xc5\xd0\xd3\xc6\x1e\0\0\0\xff\xff\xff\xff" + b"\0" * 20,
        "refused",
    )
    yield "a pdf", b"%PDF-1.7\n1 0 obj<</OpenAction<</JS(app.alert(1))>>>>", "refused"
    yield "an archive", archive(), "refused"
    yield "an avif", box(b"ftyp", b"avif\0\0\0\0mif1avifmiaf") + box(b"meta", b"\0" * 40), "refused"
    yield (
        "an avif that says it is heic",
        box(b"ftyp", b"mif1\0\0\0\0mif1avif") + box(b"meta", b"\0" * 40),
        "refused",
    )
    yield "a film", box(b"ftyp", b"isom\0\0\2\0isommp42") + box(b"moov"), "refused"
    yield "a playlist", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "refused"
    yield "a mirror of heights", b"P6\n60000 60000\n255\n", "refused"
    yield "a sgi", encode(small, "SGI"), "refused"
    yield "a targa", encode(small, "TGA"), "refused"
    yield "a jpeg 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 40, "refused"
    yield "a jpeg xl", b"\xff\x0a" + b"\0" * 40, "refused"
    yield "a windows program", b"MZ" + b"\0" * 100, "refused"
    yield "a linux program", b"\x7fELF" + b"\0" * 100, "refused"
    yield "a rude picture of two", mpo(), "taken"
    yield "zeros", bytes(5000), "refused"


def good_ones() -> Iterator[tuple[str, bytes]]:
    """Odd, but honest."""
    rgb = quarters(64, 32)
    alpha = rgb.copy()
    alpha.putalpha(120)
    yield "jpeg", encode(rgb, "JPEG")
    yield "grey jpeg", encode(rgb.convert("L"), "JPEG")
    yield "printer's jpeg", encode(rgb.convert("CMYK"), "JPEG")
    yield "progressive jpeg", encode(rgb, "JPEG", progressive=True)
    yield "jpeg with restarts", encode(rgb, "JPEG", restart_marker_rows=1)
    yield "jpeg without subsampling", encode(rgb, "JPEG", subsampling=0)
    yield "jpeg in rgb", encode(rgb, "JPEG", keep_rgb=True)
    yield "jpeg one pixel large", encode(rgb.resize((1, 1)), "JPEG")
    yield "png", encode(rgb, "PNG")
    yield "png with alpha", encode(alpha, "PNG")
    yield "grey png with alpha", encode(alpha.convert("LA"), "PNG")
    yield "png with a palette", encode(rgb.convert("P"), "PNG")
    yield "png with a palette of four", encode(rgb.quantize(4), "PNG", bits=2)
    yield (
        "png with a transparent palette",
        encode(rgb.quantize(4), "PNG", transparency=b"\0\x80\xff"),
    )
    yield "png with a transparent colour", encode(rgb, "PNG", transparency=(255, 0, 0))
    yield "black and white png", encode(rgb.convert("1"), "PNG")
    yield (
        "sixteen bit grey png",
        encode(Image.fromarray(np.full((8, 8), 40_000, np.uint16)), "PNG"),
    )
    yield (
        "sixteen bit png",
        png(
            ihdr(depth=16),
            chunk(b"IDAT", zlib.compress((b"\0" + b"\x40\0\x80\0\xc0\0" * 4) * 4)),
            END,
        ),
    )
    yield (
        "interlaced png",
        png(ihdr(1, 1, interlaced=1), chunk(b"IDAT", zlib.compress(b"\0\1\2\3")), END),
    )
    yield "webp", encode(rgb, "WEBP")
    yield "lossless webp", encode(rgb, "WEBP", lossless=True)
    yield "webp with alpha", encode(alpha, "WEBP")
    yield "webp with alpha, lossless", encode(alpha, "WEBP", lossless=True)
    yield "heic", encode(rgb, "HEIF")
    yield "heic with alpha", encode(alpha, "HEIF")
    yield "grey heic", encode(rgb.convert("L"), "HEIF")
    yield "ten bit heic", encode(Image.fromarray(np.full((8, 8), 40_000, np.uint16)), "HEIF")


@cache
def every_file() -> dict[str, tuple[bytes, str]]:
    """All of them: name to bytes and what becomes of it (refused, taken, or any of the two)."""
    files = [*pngs(), *jpegs(), *webps(), *heics(), *others()]
    assert len({name for name, _data, _fate in files}) == len(files)
    return {name: (data, fate) for name, data, fate in files}
