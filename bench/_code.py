"""Figures of source code: functions, syntax, templates, styles and repetition of any folder."""

import ast
import gzip
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

SKIPPED_FOLDERS = {".git", ".venv", "node_modules", "migrations", "__pycache__", "site-packages"}
TEST_FOLDERS = {"test", "tests", "tests_e2e"}
REPEATED_LINES = 6  # so many equal lines in a row are a repetition
TAG = re.compile(r"\{%")
INCLUDE = re.compile(r"\{%-?\s*include\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Code:
    """The source of a folder, without tests, migrations and what git does not track."""

    folder: Path
    python: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    styles: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The syntax trees of the Python files."""
        return {name: ast.parse(text) for name, text in self.python.items()}

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method."""
        nodes = (node for tree in self.trees.values() for node in ast.walk(tree))
        return [node for node in nodes if isinstance(node, Function)]

    @cached_property
    def all_lines(self) -> int:
        """The number of Python lines."""
        return sum(len(text.splitlines()) for text in self.python.values())

    @cached_property
    def lines(self) -> int:
        """The number of Python lines that are not blank."""
        return sum(1 for text in self.python.values() for line in text.splitlines() if line.strip())

    @cached_property
    def longest_line(self) -> int:
        """The number of characters of the longest Python line."""
        return _longest(self.python.values())

    @cached_property
    def function_lines(self) -> list[int]:
        """The lines of each function, from `def` to its end, in order of size."""
        return sorted(_height(function) for function in self.functions)

    @cached_property
    def function_nodes(self) -> list[int]:
        """The syntax nodes of each function, in order of size."""
        return sorted(_count(function) for function in self.functions)

    @cached_property
    def nodes_per_line(self) -> float:
        """Syntax nodes for each line that is not blank."""
        return sum(map(_count, self.trees.values())) / max(1, self.lines)

    @cached_property
    def tuple_assignments(self) -> float:
        """Assignments of a tuple to a tuple, for each 1 000 lines."""
        nodes = (node for tree in self.trees.values() for node in ast.walk(tree))
        return 1000 * sum(map(_is_tuple_assignment, nodes)) / max(1, self.lines)

    @cached_property
    def tags_per_line(self) -> float:
        """Template tags for each line of a template."""
        lines = sum(len(text.splitlines()) for text in self.templates.values())
        return sum(len(TAG.findall(text)) for text in self.templates.values()) / max(1, lines)

    @cached_property
    def longest_template_line(self) -> int:
        """The number of characters of the longest template line."""
        return _longest(self.templates.values())

    @cached_property
    def includes(self) -> int:
        """The number of `{% include %}` tags."""
        return sum(len(INCLUDE.findall(text)) for text in self.templates.values())

    @cached_property
    def css_bytes(self) -> int:
        """All style sheets as they are written."""
        return sum(map(len, self.styles.values()))

    @cached_property
    def css_gzip_bytes(self) -> int:
        """All style sheets together, compressed: no first view loads more than these."""
        return len(gzip.compress(b"".join(self.styles.values()))) if self.styles else 0

    @cached_property
    def repeated_places(self) -> int:
        """The number of places where several lines in a row stand elsewhere, too."""
        files = [_comparable(text) for text in self.python.values()]
        windows = Counter(window for lines in files for _at, window in _windows(lines))
        return sum(_runs(lines, windows) for lines in files)


def read_code(folder: Path) -> Code:
    """Read the code of a folder."""
    code = Code(folder)
    for name in files_in(folder):
        path = folder / name
        if name.endswith(".py") and not _is_test(path.relative_to(folder)):
            code.python[name] = path.read_text(encoding="utf-8")
        elif name.endswith(".html") and not _is_test(path.relative_to(folder)):
            code.templates[name] = path.read_text(encoding="utf-8", errors="replace")
        elif name.endswith(".css") and not name.endswith(".min.css"):
            code.styles[name] = path.read_bytes()
    return code


def percentile(sizes: Sequence[int], share: float) -> int:
    """Return the size below which this share of an ordered list lies; 0 for an empty one."""
    return sizes[min(len(sizes) - 1, int(share * len(sizes)))] if sizes else 0


def files_in(folder: Path) -> list[str]:
    """Return the files that git tracks in a folder, or all of them outside of a repository."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=folder, capture_output=True, text=True, check=False
    )
    names = listing.stdout.split("\0")
    if listing.returncode:
        names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    return sorted(name for name in names if name and _counts(folder, name))


def _counts(folder: Path, name: str) -> bool:
    return (folder / name).is_file() and not SKIPPED_FOLDERS & set(Path(name).parts)


def _is_test(path: Path) -> bool:
    is_named_so = path.name.startswith(("test_", "conftest")) or path.stem.endswith("_test")
    return is_named_so or path.stem in TEST_FOLDERS or bool(TEST_FOLDERS & set(path.parts))


def _height(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _count(tree: ast.AST) -> int:
    return sum(1 for _node in ast.walk(tree))


def _is_tuple_assignment(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Tuple)
        and any(isinstance(target, ast.Tuple) for target in node.targets)
    )


def _longest(texts: Iterable[str]) -> int:
    return max((len(line) for text in texts for line in text.splitlines()), default=0)


def _comparable(text: str) -> list[str]:
    """Return a file's lines without indentation, blank lines, comments and imports."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "import ", "from "))]


def _windows(lines: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for at in range(len(lines) - REPEATED_LINES + 1):
        yield at, tuple(lines[at : at + REPEATED_LINES])


def _runs(lines: Sequence[str], windows: Counter[tuple[str, ...]]) -> int:
    """Count the separate runs of repeated lines in a file."""
    repeated = [at for at, window in _windows(lines) if windows[window] > 1]
    return sum(
        1 for number, at in enumerate(repeated) if not number or at > repeated[number - 1] + 1
    )
