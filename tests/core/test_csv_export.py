import pytest

from apps.core.csv_export import escape_formulas


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\u200b=1", "＝1"])
def test_a_text_that_begins_like_a_formula_is_none(text):
    assert escape_formulas(text).startswith("'")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Harbour;=1+1", "Harbour;'=1+1"),
        ("Harbour; =1+1;@a", "Harbour; '=1+1;'@a"),
        ("Harbour\t-1", "Harbour\t'-1"),
        ("Harbour\n=1+1", "Harbour\n'=1+1"),
    ],
)
def test_nor_does_one_begin_where_another_country_parts_its_cells(text, cell):
    assert escape_formulas(text) == cell


@pytest.mark.parametrize(
    "text", ["", "Harbour", "a-b = c", "a; b", "one, -two", "10:30\nat the pier"]
)
def test_all_other_texts_are_left_alone(text):
    assert escape_formulas(text) == text
