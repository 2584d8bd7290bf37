"""How static files get their names, and how files are written to a disk that may be full."""

from collections.abc import Callable
from re import Match
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from servestatic.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no types
    """Hashed names, for the modules that JavaScript imports as well."""

    support_js_module_import_aggregation = True

    def url_converter(self, name: str, *args: Any, **kwargs: Any) -> Callable[[Match[str]], str]:
        """Leave htmx's own modules alone: one of them imports "htmx" by a bare name, which is no file."""
        if name.startswith("django_htmx/"):
            return lambda match: match.group()
        return super().url_converter(name, *args, **kwargs)  # type: ignore[no-any-return]


class WholeFilesStorage(FileSystemStorage):
    """Files on this disk, none of them by halves: what could not be written to its end is taken away again."""

    def _save(self, name: str, content: File) -> str:
        try:
            return super()._save(name, content)  # type: ignore[misc, no-any-return]  # the stubs leave it out
        except OSError:
            self.delete(name)
            raise
