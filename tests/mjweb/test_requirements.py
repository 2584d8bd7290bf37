"""The packages of `make run` suffice: those of the tests must not hide a missing one."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = {"apps", "mjweb"}


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found - OURS - set(sys.stdlib_module_names)


def pins() -> list[str]:
    text = (ROOT / "requirements/base.txt").read_text()
    return re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", text, re.MULTILINE)


def test_every_package_the_product_imports_is_pinned_for_it():
    homes = packages_distributions()
    modules = set().union(
        *(imports_of(path) for room in OURS for path in (ROOT / room).rglob("*.py"))
    )
    missing = {
        module
        for module in modules
        if not {re.sub(r"[-_.]+", "-", home).lower() for home in homes.get(module, [])}
        & set(pins())
    }
    assert not missing


def test_every_python_gets_the_same_versions():
    assert sorted(pins()) == sorted(set(pins()))
