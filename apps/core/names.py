"""Clean names that people typed, for headers, file systems and pages."""

import re
from pathlib import PurePosixPath, PureWindowsPath

MAX_STEM_LENGTH = 120
MAX_SUFFIX_LENGTH = 8
# Windows opens a device when a file has one of these names, whatever its suffix.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|%;]+')


def on_one_line(text: str) -> str:
    """Return the text without line ends, NUL, direction marks and repeated spaces."""
    printable = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(printable.split())


def title_from(name: str) -> str:
    """Return a title from a file's name: no folders, no suffix; may be empty."""
    last = PureWindowsPath(on_one_line(name)).name
    return PurePosixPath(last).stem.strip(" .")


def file_name(name: str, *, otherwise: str = "file") -> str:
    """Return a file name that every system accepts, with its suffix; never hidden or a device."""
    last = PureWindowsPath(on_one_line(name)).name
    plain = _NOT_IN_FILE_NAMES.sub("_", last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if dot and len(suffix) <= MAX_SUFFIX_LENGTH:
        short = f"{stem[:MAX_STEM_LENGTH]}.{suffix}"
    else:
        short = plain[:MAX_STEM_LENGTH] or otherwise
    return f"_{short}" if _DEVICES.match(short) else short
