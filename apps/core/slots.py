"""Slots: places that a lower room names and rooms above fill.

A room names its slots in its own `slots.py`. A room above imports the slot and fills it when Django
starts, each filler with its own access check. Templates show a slot by its name:
`{% links "teams.tabs" as tabs %}` and `{% panels "projects.actions" project %}`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Q
from django.http import HttpRequest

from apps.core.event_registry import Words

Filler = TypeVar("Filler")


class Slot(Generic[Filler]):
    """A named place with its fillers, in the order of their positions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._fillers: dict[str, tuple[int, Filler]] = {}

    def fill(self, key: str, filler: Filler, *, position: int = 100) -> None:
        """Put something in this place; the same key again replaces it."""
        self._fillers[key] = (position, filler)

    def __iter__(self) -> Iterator[Filler]:
        ordered = sorted(self._fillers.items(), key=lambda one: (one[1][0], one[0]))
        return (filler for _key, (_position, filler) in ordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A menu item or a tab: its label, the URL name of its page, and who may see it."""

    key: str
    label: Words
    page: str
    icon: str = ""
    is_shown: Callable[[HttpRequest], bool] = field(default=lambda _request: True)


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: a template, and what it needs besides the page's own context."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


# Returns the panel for a request and the object of the page, None for who may not see it.
PanelFiller = Callable[[HttpRequest, Any], Panel | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact by which a list can be narrowed: its key in addresses, its label and its choices.

    `condition` says which rows fit the value of a choice. `in_force` are the words for a list that
    is narrowed by it. `text_of` returns what the page of a row shows of it; None where the page
    shows it in a way of its own.
    """

    key: str
    label: Words
    choices: Sequence[tuple[str, Words]]
    condition: Callable[[str], Q]
    in_force: Words = "%(choice)s"
    text_of: Callable[[Any], Words] | None = None

    def has(self, value: str) -> bool:
        """Whether one of the choices has this value."""
        return value in dict(self.choices)

    def words_for(self, value: str) -> str:
        """Return the words for a list that is narrowed to this value."""
        return str(self.in_force) % {"choice": dict(self.choices)[value]}


_link_slots: dict[str, Slot[Link]] = {}
_panel_slots: dict[str, Slot[PanelFiller]] = {}


def link_slot(name: str) -> Slot[Link]:
    """Return the menu or row of tabs of this name."""
    return _link_slots.setdefault(name, Slot(name))


def panel_slot(name: str) -> Slot[PanelFiller]:
    """Return the place of this name on a page."""
    return _panel_slots.setdefault(name, Slot(name))


def links_in(name: str, request: HttpRequest) -> list[Link]:
    """Return the links of a menu that this request may see."""
    return [link for link in _link_slots[name] if link.is_shown(request)]


def panels_in(name: str, request: HttpRequest, about: Any) -> list[Panel]:
    """Return the panels of a place that this request may see."""
    panels = (filler(request, about) for filler in _panel_slots[name])
    return [panel for panel in panels if panel]
