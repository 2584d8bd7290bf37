"""How static files get their names, the styles become one file, and a full disk keeps no file by halves."""

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

# Where each collected file comes from: its storage, and its path there.
Sources = Mapping[str, tuple[Storage, str]]


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no types
    """Hashed names, for the modules that JavaScript imports as well; and all styles in one file."""

    support_js_module_import_aggregation = True

    def post_process(self, paths: Sources, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Name the files, the sheet with everything in it that it imports: some forty requests less."""
        if SHEET in paths:
            whole = InMemoryStorage()
            whole.save(SHEET, ContentFile(in_one_piece(paths)))
            paths = {**paths, SHEET: (whole, SHEET)}
        yield from super().post_process(paths, *args, **kwargs)

    def url_converter(self, name: str, *args: Any, **kwargs: Any) -> Callable[[Match[str]], str]:
        """Leave htmx's own modules alone: one of them imports "htmx" by a bare name, which is no file."""
        if name.startswith("django_htmx/"):
            return lambda match: match.group()
        return super().url_converter(name, *args, **kwargs)  # type: ignore[no-any-return]


def in_one_piece(paths: Sources) -> str:
    """Return the sheet with each import replaced by what it names, in the layer it asks for."""

    def written(found: Match[str]) -> str:
        name = str(PurePosixPath(SHEET).parent / found[1])
        return f"@layer {found[2]} {{\n{_text(paths, name)}}}"

    return IMPORTED.sub(written, _text(paths, SHEET))


def _text(paths: Sources, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return str(file.read(), "utf-8")


class WholeFilesStorage(FileSystemStorage):
    """Files on this disk, none of them by halves: what could not be written to its end is taken away again."""

    def _save(self, name: str, content: File) -> str:
        try:
            return super()._save(name, content)  # type: ignore[misc, no-any-return]  # the stubs leave it out
        except OSError:
            self.delete(name)
            raise
