from django.db.models import Q
from django.template import Context, Template
from django.test import RequestFactory

from apps.core.slots import Fact, Link, Panel, link_slot, links_in, panel_slot, panels_in

REQUEST = RequestFactory().get("/")


def test_links_stand_in_the_order_of_their_positions_however_they_were_filled():
    slot = link_slot("tests.menu")
    for key, position in (("c", 30), ("a", 10), ("b", 10)):
        slot.fill(key, Link(key=key, label=key, page="x:y"), position=position)
    hidden = Link(key="d", label="d", page="x:y", is_shown=lambda _request: False)
    slot.fill("d", hidden, position=1)
    assert [link.key for link in links_in("tests.menu", REQUEST)] == ["a", "b", "c"]


def test_a_panel_is_shown_only_where_its_room_says_so():
    slot = panel_slot("tests.place")
    slot.fill("numbers", lambda _request, about: Panel("n.html") if about == 1 else None)
    assert panels_in("tests.place", REQUEST, 1) == [Panel("n.html")]
    assert panels_in("tests.place", REQUEST, 2) == []


def test_a_fact_says_what_a_list_is_narrowed_to():
    choices = [("a", "Alpha"), ("b", "Beta")]
    plain = Fact(key="x", label="X", choices=choices, condition=lambda value: Q(x=value))
    named = Fact(
        key="x", label="X", choices=choices, condition=plain.condition, in_force="X: %(choice)s"
    )
    assert [plain.has(value) for value in ("a", "c", "")] == [True, False, False]
    assert (plain.words_for("b"), named.words_for("b")) == ("Beta", "X: Beta")
    assert plain.condition("a") == Q(x="a")


def test_facts_are_dropped_from_an_address_by_names_known_at_run_time():
    request = RequestFactory().get("/?state=saved&nsfw=clear&verdict=approved&after=9")
    shown = Template("{% query state='trouble' drop=facts %}").render(
        Context({"request": request, "facts": {"nsfw": "clear", "verdict": "approved"}})
    )
    assert shown == "?state=trouble"
