"""Rules about the structure of the code that no linter knows."""

import ast
import gzip
import re

from apps.core import background
from mjweb.celery import app
from mjweb.storage import compact
from tests.support.repository import ROOT, each, files_named, inside, mentioning, text_of, tree_of


def modules() -> list[str]:
    return [name for name in inside("apps/", "mjweb/", "bench/") if text_of(name)]


def templates() -> list[str]:
    return files_named("*.html")


def styles() -> list[str]:
    return files_named("static/css/**/*.css", "static/css/*.css")


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@each(modules)
def test_a_module_says_what_it_is_and_is_no_longer_than_one_can_hold(name):
    text = text_of(name)
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "begin the module with one sentence"
    assert len(text.splitlines()) <= 300, "look for the missing name, and make a package of it"
    for function in functions(tree):
        length = function.end_lineno - function.lineno + 1
        assert length <= 40, f"{function.name} has {length} lines"


def indented_imports() -> list[str]:
    names = inside("apps/", "mjweb/", "bench/", "tests/")
    return mentioning(r"^[ \t]+(import|from) ", names)


@each(indented_imports)
def test_nothing_is_imported_inside_a_function(name):
    for function in functions(tree_of(name)):
        imports = [
            node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not imports, f"{function.name} imports inside: that hides a cycle"


def test_what_follows_a_commit_goes_through_one_function():
    """Django cannot log the failure of a partial: with no broker, orders were answered by a 500."""
    callers = mentioning(r"\bon_commit\(", inside("apps/", "mjweb/"))
    assert callers == ["apps/core/database.py"]


# What connects to somewhere. Vendors may name httpx's types and errors; only the door builds its
# clients.
DOOR = ("apps/core/outbound/", "apps/core/tls.py")
CONNECTS = {
    "httpcore",
    "requests",
    "aiohttp",
    "urllib3",
    "urllib.request",
    "http.client",
    "ftplib",
    "telnetlib",
}
BUILDS = re.compile(
    r"(Async)?(Client|HTTPTransport)|request|stream|get|options|head|post|put|patch|delete"
    r"|create_connection|open_connection|create_ssl_context"
)


def imported_modules(tree: ast.AST) -> set[str]:
    """The modules that are imported, `from a import b` as a and a.b."""
    names = {
        one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return names


# An operator names the provider of single sign-on, and django-allauth asks it by itself
# (docs/operations.md).
SINGLE_SIGN_ON = "apps/teams/single_sign_on.py"


def may_connect() -> list[str]:
    """The modules that import anything with which one connects."""
    packages = {name.partition(".")[0] for name in CONNECTS} | {"httpx", "socket", "asyncio"}
    names = [name for name in inside("apps/") if not name.startswith((*DOOR, SINGLE_SIGN_ON))]
    return mentioning(rf"^\s*(import|from)\b.*\b({'|'.join(packages)})\b", names)


@each(may_connect)
def test_only_the_door_out_connects_to_anything(name):
    tree = tree_of(name)
    known = imported_modules(tree)
    assert not known & CONNECTS, "go out by apps.core.outbound"
    assert name.startswith("apps/vendors/") or "httpx" not in known, "go out by apps.core.outbound"
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    bases = [
        base for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases
    ]
    used = {
        f"{one.value.id}.{one.attr}"
        for one in called + bases
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)
        if one.value.id in {"httpx", "socket", "asyncio"} and BUILDS.fullmatch(one.attr)
    }
    assert not used, "only the door builds clients"
    assert not [one for one in known if one.startswith("httpx.")], "name httpx's types as httpx.…"


@each(templates)
def test_a_template_is_short_and_its_style_and_behaviour_live_elsewhere(name):
    text = text_of(name)
    assert len(text.splitlines()) <= 150, "look for the missing component"
    tags = " ".join(
        re.findall(r"<[a-zA-Z][^<>]*", re.sub(r"{[#%{].*?[#%}]}", "", text, flags=re.DOTALL))
    )
    assert not re.search(r"\sstyle\s*=", tags), "the content security policy takes no inline style"
    assert not re.search(r"\son[a-z]+\s*=", tags), (
        "the content security policy takes no inline handler"
    )
    assert "hx-on" not in tags, "hx-on is evaluated, and evaluation is off"
    assert "javascript:" not in tags
    assert not re.search(r"<style\b", text)
    assert all("src=" in script for script in re.findall(r"<script\b[^>]*>", text)), (
        "scripts are files"
    )


# What a row or a page object knows of itself by a name: `job.is_saved`, `clip.is_decided`.
COMPARED = re.compile(
    r"\b(state|status|verdict|verb|level|nsfw|house_nsfw|our_nsfw|fate|answer|kind_of_cost)\b"
    r"\s*(==|!=|in|not in)\s*[\"']"
)


def test_a_line_of_a_template_has_room_and_a_state_is_asked_for_by_name():
    for name in templates():
        for number, line in enumerate(text_of(name).splitlines(), 1):
            place = f"{name}:{number}: {line.strip()[:80]}"
            assert len(line) <= 140, place
            assert not COMPARED.search(line), f"{place}: give it a property instead"


RAW_COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(rgb|hsl|lab|lch|oklab|oklch)a?\(\s*[\d.]|(?<!-)\bwhite\b(?!-)"
)


def test_the_styles_stay_small_enough_to_be_read_and_to_be_sent():
    sheets = {name: (ROOT / name).read_bytes() for name in styles()}
    assert sum(map(len, sheets.values())) <= 110_000, {one: len(sheets[one]) for one in sheets}
    sent = compact(b"".join(sheets.values()).decode())
    assert len(gzip.compress(sent.encode())) <= 18_000


def test_a_style_sheet_has_one_declaration_on_a_line_and_its_colours_from_the_tokens():
    for name in styles():
        text = re.sub(r"/\*.*?\*/", "", text_of(name), flags=re.DOTALL)
        for number, line in enumerate(text.splitlines(), 1):
            place = f"{name}: {line.strip()} (line {number} without comments)"
            assert len(re.findall(r";(?=\s|$)|\{", line)) <= 1, place
            assert name == "static/css/tokens.css" or not RAW_COLOUR.search(line), place


# Pieced together, so that this file passes its own rule.
REGISTRIES = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))
]


def test_no_file_names_a_registry():
    pictures = ("media/", "apps/demo/pictures/")
    text_files = [name for name in files_named("*") if not name.startswith(pictures)]
    for name in text_files:
        data = (ROOT / name).read_bytes()
        assert not any(host.encode() in data for host in REGISTRIES), name


def test_every_task_names_its_queue_and_its_limit():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.startswith("apps.")}
    assert ours == set(background.queues()), "make it with apps.core.background"
    for name in ours:
        assert app.amqp.router.route({}, name)["queue"].name == background.queues()[name]
        assert app.tasks[name].time_limit, name


def test_every_beat_of_the_schedule_is_a_task_there_is():
    app.loader.import_default_modules()
    assert app.conf.beat_schedule
    for beat in app.conf.beat_schedule.values():
        assert beat["task"] in app.tasks
