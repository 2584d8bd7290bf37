from django.test import RequestFactory

from apps.core.slots import Link, Panel, link_slot, links_in, panel_slot, panels_in

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
