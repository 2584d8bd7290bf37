"""Find strings by which a room's Python knows of a room above it.

Imports are held by import-linter. These are URL names (`jobs:detail`), model labels (`jobs.Job`),
dotted paths (`apps.jobs.tasks.poll`), templates (`jobs/list.html`), and the verbs and states that
only a higher room has. Verbs and states of a single word are everybody's, and are left out.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

URL_NAME = re.compile(r"([a-z_]+):[a-z_]+(?::[a-z_]+)*")
MODEL_LABEL = re.compile(r"([a-z_]+)\.[A-Za-z]\w*")
DOTTED_PATH = re.compile(r"apps\.([a-z_]+)(?:\.\w+)*")
TEMPLATE = re.compile(r"([a-z_]+)/[\w/.-]+\.(?:html|txt)(?:#\w+)?")
SHAPES = (DOTTED_PATH, URL_NAME, MODEL_LABEL, TEMPLATE)
RECORDERS = {"record", "record_all"}
CHOICES = ("TextChoices", "StrEnum")


def room_order(root: Path) -> list[set[str]]:
    """Return the rooms in layers from bottom to top, as the import contract has them."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"].get("importlinter", {}).get("contracts", ())
    layers = next((one["layers"] for one in contracts if one["id"] == "rooms"), ())
    return [{room.strip(" ()") for room in layer.split("|")} for layer in reversed(layers)]


def rooms_above(room: str, order: Sequence[set[str]]) -> set[str]:
    """Return the rooms that stand above this one."""
    height = next((at for at, layer in enumerate(order) if room in layer), len(order))
    return set().union(*order[height + 1 :])


def all_upward_strings(root: Path, names: Iterable[str]) -> Iterator[tuple[str, str, int, str]]:
    """Yield room, file, line and text of each string in `apps/` that names a higher room."""
    rooms = _sources(root, names)
    order = room_order(root) if rooms else []
    verbs = {
        room: set().union(
            *map(recorded_verbs, modules.values()), *map(state_values, modules.values())
        )
        for room, modules in rooms.items()
    }
    for room, modules in rooms.items():
        above = rooms_above(room, order)
        theirs = verbs_above(room, order, verbs)
        for name, source in modules.items():
            for line, text in upward_strings(source, above, theirs):
                yield room, name, line, text


def _sources(root: Path, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the modules of each room, name to source."""
    rooms: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        parts = Path(name).parts
        is_module = len(parts) > 2 and parts[0] == "apps" and name.endswith(".py")
        if is_module and "migrations" not in parts:
            rooms[parts[1]][name] = (root / name).read_text(encoding="utf-8")
    return rooms


def recorded_verbs(source: str) -> set[str]:
    """Return the verbs that a module records in the activity log."""
    if not any(f"{name}(" in source for name in RECORDERS):
        return set()
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in RECORDERS
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def state_values(source: str) -> set[str]:
    """Return the values of a module's choices, such as the states of a life cycle."""
    if not any(name in source for name in CHOICES):
        return set()
    classes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef))
    choices = (
        one for one in classes if any(ast.unparse(base).endswith(CHOICES) for base in one.bases)
    )
    values = (
        node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
        for one in choices
        for node in one.body
        if isinstance(node, ast.Assign)
    )
    return {
        value.value
        for value in values
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


def verbs_above(room: str, order: Sequence[set[str]], verbs: Mapping[str, set[str]]) -> set[str]:
    """Return the verbs and states of several words that only rooms above this one have."""
    above = rooms_above(room, order)
    theirs = set().union(*(words for name, words in verbs.items() if name in above))
    ours = set().union(*(words for name, words in verbs.items() if name not in above))
    return {verb for verb in theirs - ours if "_" in verb}


def upward_strings(
    source: str, above: Collection[str], verbs: Collection[str] = ()
) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each string that names a room above, or one of its verbs."""
    tree = ast.parse(source)
    docstrings = _docstrings(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in docstrings and (_names(node.value, above) or node.value in verbs):
            yield node.lineno, node.value


def _names(text: str, above: Collection[str]) -> bool:
    matches = (shape.fullmatch(text) for shape in SHAPES)
    return any(match and match[1] in above for match in matches)


def _docstrings(tree: ast.AST) -> set[int]:
    """Return the identities of docstrings and of other strings that stand alone."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
