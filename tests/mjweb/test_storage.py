"""Static files as `collectstatic` leaves them."""

import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.core.management import call_command

from mjweb.storage import compact, join_modules

STATIC = Path(__file__).resolve().parents[2] / "static"
CSS = STATIC / "css"


@pytest.fixture
def static_root(settings, tmp_path):
    """Collect our static files twice, as every start does; return where they are."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "mjweb.storage.StaticFilesStorage"}
    }
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    for _ in range(2):
        call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_the_styles_are_one_file_in_which_each_part_has_its_layer(static_root):
    [sheet] = (static_root / "css").glob("mjweb.????????????.css")
    style_sheet = sheet.read_text()
    assert "@import" not in style_sheet
    parts = re.findall(r'@import url\("(.+?)"\) layer\((\w+)\)', (CSS / "mjweb.css").read_text())
    assert {name for name, _ in parts} | {"mjweb.css"} == {
        str(path.relative_to(CSS)) for path in CSS.rglob("*.css")
    }
    for name, layer in parts:
        part = compact(f"@layer {layer} {{\n{(CSS / name).read_text()}}}")
        assert part in style_sheet


def test_browsers_get_no_comments_and_no_indentation():
    written = "/* Why. */\n.a {\n  color: red; /* so */\n\n  b {\n    top: 0;\n  }\n}\n"
    assert compact(written) == ".a {\ncolor: red; \nb {\ntop: 0;\n}\n}\n"


def test_the_scripts_are_one_file_in_which_each_module_comes_before_those_that_need_it(static_root):
    [joined] = (static_root / "js").glob("mjweb.????????????.js")
    script = joined.read_text()
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    begun = re.findall(r"^const (\w+)_js = \(\(\) => \{$", script, re.MULTILINE)
    apart = {"trusted"}  # a script of its own, before htmx
    assert {name.replace("_", "-") for name in begun} | apart == {
        path.stem for path in (STATIC / "js").glob("*.js")
    }
    assert len(begun) == len(set(begun))
    for number, name in enumerate(begun):
        body = script.partition(f"const {name}_js = (")[2].partition("\n})();\n")[0]
        needed = re.findall(r"^const \{.+\} = (\w+)_js;$", body, re.MULTILINE)
        assert set(needed) <= set(begun[:number]), name


def test_a_module_keeps_what_it_does_not_export_to_itself(sources):
    sources("mjweb", 'import "./a-b.js";\nimport { one, Two } from "./c.js";\none();\n')
    sources("a-b", 'import { one } from "./c.js";\nconst own = one();\n')
    assert join_modules(
        sources("c", "export const one = () => 1;\nexport class Two {}\nlet own;\n")
    ) == (
        "const c_js = (() => {\nconst one = () => 1;\nclass Two {}\nlet own;\n"
        "return { one, Two };\n})();\n"
        "const a_b_js = (() => {\nconst { one } = c_js;\nconst own = one();\nreturn {  };\n})();\n"
        "const mjweb_js = (() => {\n\nconst { one, Two } = c_js;\none();\nreturn {  };\n})();\n"
    )


def test_what_cannot_be_joined_stops_the_collecting(sources):
    for line in (
        'import one from "./c.js";',
        'import { one as two } from "./c.js";',
        'import { one } from "../c.js";',
        'export { one } from "./c.js";',
        "export default one;",
        "export let one = 1;",
        'const one = await import("./c.js");',
    ):
        with pytest.raises(ValueError, match="cannot be joined"):
            join_modules(sources("mjweb", f"{line}\n"))


@pytest.fixture
def sources():
    """Write modules by name; each call returns where all that were written are found."""
    storage = InMemoryStorage()
    written = {}

    def write(name, text):
        path = f"js/{name}.js"
        storage.delete(path)
        storage.save(path, ContentFile(text))
        written[path] = (storage, path)
        return written

    return write
