"""How static files get their names."""

from collections.abc import Callable
from re import Match
from typing import Any

from servestatic.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no types
    """Hashed names, for the modules that JavaScript imports as well."""

    support_js_module_import_aggregation = True

    def url_converter(self, name: str, *args: Any, **kwargs: Any) -> Callable[[Match[str]], str]:
        """Leave htmx's own modules alone: one of them imports "htmx" by a bare name, which is no file."""
        if name.startswith("django_htmx/"):
            return lambda match: match.group()
        return super().url_converter(name, *args, **kwargs)  # type: ignore[no-any-return]
