"""Find citations of a document, section or decision that is not in the repository."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

# A path of a Markdown document, perhaps followed by the number of a section.
DOCUMENT = re.compile(r"([\w./-]*[\w-]\.md)(?:[`\"')]*,? sections? ([0-9]+(?:\.[0-9]+)*))?")
# A section of "the contracts" that names no document.
NAMELESS = re.compile(r"(?<![\w/-])contracts?\b,?(?: sections?| row)? [0-9]+(?:\.[0-9]+)*")
# A section of a document named by a word in capitals.
CAPITALS = re.compile(r"\b[A-Z]{4,},? sections? [0-9]+(?:\.[0-9]+)*")
DECISION = re.compile(r"\b(?:decision|ADR) ([0-9]{1,4})\b", re.IGNORECASE)
HEADING = re.compile(r"^#+ ([0-9]+(?:\.[0-9]+)*)\b", re.MULTILINE)
SUFFIXES = {".py", ".md", ".html", ".css", ".js", ".toml", ".yaml"}
# These name documents as examples.
EXAMPLES = {"tests/support/finders/citations.py", "tests/architecture/test_citations.py"}
# Documents that are named from another folder, or of another project.
ELSEWHERE = {
    "docs/api.md",  # of midjourney-proxy, in docs/vendor-contracts.md
    "LICENSE.md",  # beside the demo's pictures
}


def all_dangling_citations(root: Path, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the file and text of each citation that leads nowhere."""
    for name in names:
        path = root / name
        if path.suffix in SUFFIXES and name not in EXAMPLES:
            text = path.read_text(encoding="utf-8", errors="replace")
            for citation in dangling_citations(text, root, path.parent):
                if citation not in ELSEWHERE:
                    yield name, citation


def dangling_citations(text: str, root: Path, folder: Path | None = None) -> Iterator[str]:
    """Yield each citation in a text that leads nowhere.

    A document is looked for in the folder of the text, in the root, and in `docs/`.
    """
    yield from (match.group() for match in NAMELESS.finditer(text))
    yield from (match.group() for match in CAPITALS.finditer(text))
    for match in DOCUMENT.finditer(text):
        name, section = match.groups()
        document = _document(name, root, folder)
        if document is None or (section and section not in _sections(document)):
            yield match.group()
    for match in DECISION.finditer(text):
        if not any((root / "docs/decisions").glob(f"{int(match[1]):04}-*.md")):
            yield match.group()


def _document(name: str, root: Path, folder: Path | None) -> Path | None:
    places = [root, root / "docs", *([folder] if folder else [])]
    return next((place / name for place in places if (place / name).is_file()), None)


@cache
def _sections(document: Path) -> frozenset[str]:
    return frozenset(HEADING.findall(document.read_text(encoding="utf-8")))
