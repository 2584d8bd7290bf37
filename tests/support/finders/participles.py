"""Find functions named by a bare participle, such as `taken`: does it act, or return something?

A verb says that a function acts (`take`), a noun that it returns something (`taken_places`), and
`is_taken` that it answers yes or no.
"""

import ast
import re
from collections.abc import Iterator

# Words on -ed that are no participles.
_NOT_PARTICIPLES_WORDS = (
    "bed bleed breed deed embed exceed feed heed hundred kindred need newsfeed proceed red seed "
    "shed sled speed succeed wavespeed weed"
)
NOT_PARTICIPLES = frozenset(_NOT_PARTICIPLES_WORDS.split())
_IRREGULAR_WORDS = (
    "became begun bent bitten born bought bound broken brought built caught chosen clung come "
    "dealt done drawn driven eaten fallen fed felt forgiven forgotten fought found frozen given "
    "gone got gotten grown heard held hidden hung kept known laid lain led left lent lit lost "
    "made meant met mistaken overtaken paid proven rang ridden risen rung said seen sent shaken "
    "shown sold sought spent spoken spun stolen stood struck stuck sunk swept sworn taken "
    "taught thought thrown told torn undone understood withheld woken won worn written"
)
IRREGULAR = frozenset(_IRREGULAR_WORDS.split())
# A participle before one of these has no noun of its own: `sealed_by_hand`, `sealed_anew`.
_PARTICLES_WORDS = (
    "again anew apart around as aside away back before beside by down for forth from in into of "
    "off on once onto out over through to together twice under until up upon with within "
    "without"
)
PARTICLES = frozenset(_PARTICLES_WORDS.split())

FUNCTION = re.compile(r"\bdef\s+(\w+)")


def is_participle(word: str) -> bool:
    """Tell whether an English word is a past participle, by its suffix or by a list."""
    if word in NOT_PARTICIPLES:
        return False
    return word in IRREGULAR or re.fullmatch(r"[a-z]{2,}ed", word) is not None


def is_bare_participle(name: str) -> bool:
    """Tell whether a function's name is a participle without a noun."""
    words = name.strip("_").split("_")
    if not is_participle(words[0]):
        return False
    return len(words) == 1 or words[1] in PARTICLES


def bare_participles(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and name of each function with such a name.

    Methods of querysets are adjectives of their rows, `Clip.objects.stored()`, and are left out.
    """
    if not any(is_bare_participle(name) for name in FUNCTION.findall(source)):
        return  # most modules need not be parsed
    for owner, function in _functions(ast.parse(source)):
        if owner.endswith(("QuerySet", "Manager")):
            continue
        if is_bare_participle(function.name):
            yield function.lineno, function.name


def _functions(
    node: ast.AST, owner: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield owner, child
            yield from _functions(child)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, child.name)
        else:
            yield from _functions(child, owner)
