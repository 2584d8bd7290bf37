"""Static files as `collectstatic` leaves them."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from mjweb.storage import compact

CSS = Path(__file__).resolve().parents[2] / "static" / "css"


@pytest.fixture
def style_sheet(settings, tmp_path):
    """Collect our static files twice, as every start does; return the style sheet of pages."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "mjweb.storage.StaticFilesStorage"}
    }
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    for _ in range(2):
        call_command("collectstatic", interactive=False, verbosity=0)
    [sheet] = (tmp_path / "css").glob("mjweb.????????????.css")
    return sheet.read_text()


def test_the_styles_are_one_file_in_which_each_part_has_its_layer(style_sheet):
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
