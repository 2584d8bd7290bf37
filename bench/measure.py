"""`python -m bench.measure [FOLDER]`: figures of a folder's code, beside three admired projects.

The figures are a mirror, no limits. Only three of them are held by guard tests and are zero: bare
participles, citations that lead nowhere, and strings that name a higher room.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench._code import Code, files_in, percentile, read_code
from tests.support.finders.citations import all_dangling_citations
from tests.support.finders.participles import bare_participles
from tests.support.finders.upward import all_upward_strings

ROOT = Path(__file__).resolve().parents[1]
RIVALS = ("healthchecks", "radiofeed", "linkding")


@dataclass(frozen=True)
class Figure:
    """One line of the table: our figure, and those of RIVALS, "–" where it was not measured.

    Their figures are of the commits and definitions in docs/code-figures.md.
    """

    name: str
    of: Callable[[Code], str]
    rivals: tuple[str, str, str] = ("–", "–", "–")


def main() -> None:
    """Print the table and its last line."""
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    code = read_code(folder)
    print(f"{'figure':<38} {folder.name[:14]:>14} {' '.join(f'{one:>13}' for one in RIVALS)}")
    for figure in FIGURES:
        rivals = " ".join(f"{one:>13}" for one in figure.rivals)
        print(f"{figure.name:<38} {figure.of(code):>14} {rivals}")
    print(
        f"measure: nodes_per_line={code.nodes_per_line:.1f} "
        f"p99={percentile(code.function_lines, 0.99)} "
        f"tags_per_line={code.tags_per_line:.2f} css_kb={code.css_bytes / 1000:.0f} "
        f"participles={participles(code)} dangling={dangling(code)} upward={upward(code)}"
    )


def participles(code: Code) -> int:
    """Count the functions with a bare participle for a name."""
    return sum(1 for text in code.python.values() for _ in bare_participles(text))


def dangling(code: Code) -> int:
    """Count the citations that lead nowhere, in code, pages and documents."""
    return sum(1 for _ in all_dangling_citations(code.folder, files_in(code.folder)))


def upward(code: Code) -> int:
    """Count the strings that name a higher room; 0 where a folder declares no order of rooms."""
    return sum(1 for _ in all_upward_strings(code.folder, files_in(code.folder)))


def _size(sizes: Callable[[Code], list[int]], share: float) -> Callable[[Code], str]:
    return lambda code: str(percentile(sizes(code), share))


def _lines(code: Code) -> list[int]:
    return code.function_lines


def _nodes(code: Code) -> list[int]:
    return code.function_nodes


FIGURES = (
    Figure("lines of Python", lambda code: str(code.all_lines), ("17121", "7101", "11224")),
    Figure("longest line of Python", lambda code: str(code.longest_line)),
    Figure("function, lines: median", _size(_lines, 0.5), ("8", "8", "8")),
    Figure("function, lines: 90th percentile", _size(_lines, 0.9), ("32", "24", "30")),
    Figure("function, lines: 99th percentile", _size(_lines, 0.99), ("73", "56", "63")),
    Figure("function, lines: longest", _size(_lines, 1), ("181", "234", "123")),
    Figure("function, syntax nodes: median", _size(_nodes, 0.5)),
    Figure("function, syntax nodes: 90th percentile", _size(_nodes, 0.9)),
    Figure("function, syntax nodes: 99th percentile", _size(_nodes, 0.99)),
    Figure("function, syntax nodes: largest", _size(_nodes, 1)),
    Figure(
        "syntax nodes per line", lambda code: f"{code.nodes_per_line:.1f}", ("5.9", "4.1", "5.7")
    ),
    Figure("tuple assignments per 1 000 lines", lambda code: f"{code.tuple_assignments:.1f}"),
    Figure(
        "template tags per line", lambda code: f"{code.tags_per_line:.2f}", ("0.28", "0.48", "0.29")
    ),
    Figure("longest line of a template", lambda code: str(code.longest_template_line)),
    Figure("includes in templates", lambda code: str(code.includes)),
    Figure("CSS, bytes as written", lambda code: str(code.css_bytes)),
    Figure("CSS, bytes of a first view, gzip", lambda code: str(code.css_gzip_bytes)),
    Figure("repeated places", lambda code: str(code.repeated_places)),
    Figure("bare participles", lambda code: str(participles(code))),
    Figure("citations that lead nowhere", lambda code: str(dangling(code))),
    Figure("strings that name a higher room", lambda code: str(upward(code))),
)


if __name__ == "__main__":
    main()
