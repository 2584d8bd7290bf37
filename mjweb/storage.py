"""How static files get their names."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, for the modules that JavaScript imports as well."""

    support_js_module_import_aggregation = True
