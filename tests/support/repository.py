"""The files of the repository, and rules that are held against each of them."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from tests.support.cases import case

ROOT = Path(__file__).resolve().parents[2]


@cache
def all_files() -> list[str]:
    """Return what git tracks; where there is no repository, whatever is there."""
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = listing.stdout.splitlines() or [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    return sorted(name for name in names if (ROOT / name).is_file())


def files_named(*globs: str) -> list[str]:
    """Return the files whose names match one of the patterns."""
    return [name for name in all_files() if any(Path(name).match(glob) for glob in globs)]


def inside(*folders: str) -> list[str]:
    """Return the Python files of some folders, without migrations."""
    return [
        name
        for name in all_files()
        if name.endswith(".py") and name.startswith(folders) and "migrations" not in name
    ]


@cache
def text_of(name: str) -> str:
    """Return the text of a file."""
    return (ROOT / name).read_text(encoding="utf-8")


def tree_of(name: str) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(text_of(name))


def mentioning(pattern: str, names: Iterable[str]) -> list[str]:
    """Return those files in which the pattern is found: the others need not be parsed."""
    search = re.compile(pattern, re.MULTILINE).search
    return [name for name in names if search(text_of(name))]


def each(names: Callable[[], Iterable[str]]) -> Callable[[Callable[[str], None]], Any]:
    """Hold a rule against each of these files in one test, and name the file that fails."""

    def over(rule: Callable[[str], None]) -> Callable[[], None]:
        @wraps(rule)
        def hold() -> None:
            for name in names():
                with case(name):
                    rule(name)

        del hold.__wrapped__  # pytest would ask for the rule's own argument
        return hold

    return over
