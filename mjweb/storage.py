"""Storage: hashed names of static files, one style sheet, and no half-written files."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from re import Match
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, InMemoryStorage, Storage
from servestatic.storage import CompressedManifestStaticFilesStorage

SHEET = "css/mjweb.css"
IMPORTED = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BLANK = re.compile(r"\n\s+")

# Where each collected file comes from: its storage, and its path there.
Sources = Mapping[str, tuple[Storage, str]]


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no types
    """Hashes names, also of imported JavaScript modules, and joins all styles into one file."""

    support_js_module_import_aggregation = True

    def post_process(self, paths: Sources, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Hash the files after joining the style sheet, which saves some forty requests."""
        if SHEET in paths:
            joined = InMemoryStorage()
            joined.save(SHEET, ContentFile(inline_imports(paths)))
            paths = {**paths, SHEET: (joined, SHEET)}
        yield from super().post_process(paths, *args, **kwargs)

    def url_converter(self, name: str, *args: Any, **kwargs: Any) -> Callable[[Match[str]], str]:
        """Leave htmx's own modules alone: one of them imports "htmx", which is not a file."""
        if name.startswith("django_htmx/"):
            return lambda match: match.group()
        return super().url_converter(name, *args, **kwargs)  # type: ignore[no-any-return]


def inline_imports(paths: Sources) -> str:
    """Return the style sheet with each import replaced by the imported file, in its layer."""

    def inline(match: Match[str]) -> str:
        name = str(PurePosixPath(SHEET).parent / match[1])
        return f"@layer {match[2]} {{\n{_text(paths, name)}}}"

    return compact(IMPORTED.sub(inline, _text(paths, SHEET)))


def compact(css: str) -> str:
    """Return a style sheet without comments, indentation and empty lines: browsers need none."""
    return BLANK.sub("\n", COMMENT.sub("", css)).lstrip()


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
