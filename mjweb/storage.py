"""Storage: hashed names of static files, one style sheet, one script, and no half-written files."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from re import Match
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, InMemoryStorage, Storage
from servestatic.storage import CompressedManifestStaticFilesStorage

SHEET = "css/mjweb.css"
SHEET_IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BLANK = re.compile(r"\n\s+")

SCRIPT = "js/mjweb.js"
SCRIPT_IMPORT = re.compile(
    r'^import (?:(\{ \w+(?:, \w+)* \}) from )?"\./([\w-]+)\.js";', re.MULTILINE
)
SCRIPT_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
NOT_JOINED = re.compile(r"^(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)

# Where each collected file comes from: its storage, and its path there.
Sources = Mapping[str, tuple[Storage, str]]


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no types
    """Hashes names, and joins all styles into one file and all scripts into another."""

    def post_process(self, paths: Sources, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Hash the files after joining them, which saves some eighty requests."""
        if SHEET in paths:
            joined = InMemoryStorage()
            joined.save(SHEET, ContentFile(inline_imports(paths)))
            joined.save(SCRIPT, ContentFile(join_modules(paths)))
            paths = {**paths, SHEET: (joined, SHEET), SCRIPT: (joined, SCRIPT)}
        yield from super().post_process(paths, *args, **kwargs)


def inline_imports(paths: Sources) -> str:
    """Return the style sheet with each import replaced by the imported file, in its layer."""

    def inline(match: Match[str]) -> str:
        name = str(PurePosixPath(SHEET).parent / match[1])
        return f"@layer {match[2]} {{\n{_text(paths, name)}}}"

    return compact(SHEET_IMPORT.sub(inline, _text(paths, SHEET)))


def compact(css: str) -> str:
    """Return a style sheet without comments, indentation and empty lines: browsers need none."""
    return BLANK.sub("\n", COMMENT.sub("", css)).lstrip()


def join_modules(paths: Sources) -> str:
    """Return the script with every module it imports, each before those that import it.

    A module becomes a function that runs at once and returns its exports, so that its other names
    stay its own. Raise ValueError for an import or export of a form that no module of ours has.
    """
    modules: dict[str, str] = {}

    def add(name: str) -> None:
        text = _text(paths, str(PurePosixPath(SCRIPT).parent / f"{name}.js"))
        for imported in SCRIPT_IMPORT.finditer(text):
            if imported[2] not in modules:
                add(imported[2])
        modules[name] = _as_function(name, text)

    add(PurePosixPath(SCRIPT).stem)
    return "".join(modules.values())


def _as_function(name: str, text: str) -> str:
    """Return a module as a constant that holds its exports."""
    exports = ", ".join(SCRIPT_EXPORT.findall(text))
    body = SCRIPT_IMPORT.sub(_as_constants, SCRIPT_EXPORT.sub("", text))
    if left := NOT_JOINED.search(body):
        raise ValueError(f"{name}.js: {left[0]!r} cannot be joined; see mjweb/storage.py.")
    return f"const {_constant(name)} = (() => {{\n{body}return {{ {exports} }};\n}})();\n"


def _as_constants(imported: Match[str]) -> str:
    return f"const {imported[1]} = {_constant(imported[2])};" if imported[1] else ""


def _constant(name: str) -> str:
    return f"{name.replace('-', '_')}_js"


def _text(paths: Sources, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return str(file.read(), "utf-8")


class WholeFilesStorage(FileSystemStorage):
    """Files on this disk; a file that could not be written completely is deleted."""

    def _save(self, name: str, content: File) -> str:
        try:
            return super()._save(name, content)  # type: ignore[misc, no-any-return]  # the stubs leave it out
        except OSError:
            self.delete(name)
            raise
