"""Texts of people in tables for spreadsheets: read, never reckoned with."""

# What a spreadsheet takes for a formula, or for the end of a cell: in every width, as OWASP lists them.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What it skips before it looks.
SKIPPED = " \u00a0\u200b\ufeff"


def harmless(text: str) -> str:
    """Return a text that no spreadsheet reckons with (OWASP, “CSV injection”)."""
    return f"'{text}" if text.lstrip(SKIPPED).startswith(FORMULA) else text
