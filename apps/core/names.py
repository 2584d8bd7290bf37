"""Names that people gave to things, made fit for headers, file systems and the eye."""

import re
from pathlib import PurePosixPath, PureWindowsPath

LONGEST = 120
# Windows opens a device where a file has one of these names, whatever its ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|%;]+')


def on_one_line(text: str) -> str:
    """Leave out what can't be seen (line ends, NUL, marks that turn the writing round), and keep the rest."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def title_from(name: str) -> str:
    """Return what a file's name says to people: no folders, no ending, nothing unseen; may be empty."""
    last = PureWindowsPath(on_one_line(name)).name
    return PurePosixPath(last).stem.strip(" .")


def file_name(name: str, *, otherwise: str = "file") -> str:
    """Return a name that any system takes for a file, with its ending, never hidden and never a device's."""
    last = PureWindowsPath(on_one_line(name)).name
    plain = _NOT_IN_FILE_NAMES.sub("_", last).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 8:
        stem, dot, ending = plain, "", ""
    whole = f"{stem[:LONGEST]}{dot}{ending}" or otherwise
    return f"_{whole}" if _DEVICES.match(whole) else whole
