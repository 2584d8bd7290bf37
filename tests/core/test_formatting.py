from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from apps.core.formatting import seconds, usd
from apps.core.templatetags.core_tags import get


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Decimal("0.05"), "$0.05"),
        (Decimal("0.0500"), "$0.05"),
        (Decimal("0.125"), "$0.125"),
        (Decimal(100), "$100.00"),
        (Decimal("999994.60"), "$999,994.60"),
        (Decimal("-0.1"), "−$0.10"),
        (Decimal(0), "$0.00"),
        (None, "unknown"),
    ],
)
def test_money_has_as_many_cents_as_it_needs(amount, words):
    assert usd(amount) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0.0 s"),
        (400, "0.4 s"),
        (5208, "5.2 s"),
        (9_960, "10 s"),
        (12_300, "12 s"),
        (59_600, "1 min 0 s"),
        (185_000, "3 min 5 s"),
        (None, "–"),
    ],
)
def test_times_are_said_as_people_say_them(milliseconds, words):
    assert seconds(milliseconds) == words


def test_a_key_that_is_not_there_is_empty():
    assert get({"a": 1}, "a") == 1
    assert get({"a": 1}, "b") == ""


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ('{% query state="saved" %}', "?q=a+%26+b&amp;state=saved"),
        ('{% query q="" %}', "?state=moving"),
        ("{% query q=None state=None %}", "?"),
        ("{% query after=12 %}", "?q=a+%26+b&amp;state=moving&amp;after=12"),
    ],
)
def test_an_address_is_changed_key_by_key_and_begins_at_the_first_page(tag, address):
    request = RequestFactory().get("/gallery/", {"q": "a & b", "state": "moving", "after": "99"})
    assert Template(tag).render(Context({"request": request})) == address
