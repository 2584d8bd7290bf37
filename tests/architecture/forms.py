"""Which forms the pages show, and what each of them sends: read from the pages themselves."""

import re
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from django.urls import get_resolver
from django.utils.functional import cached_property

from tests.architecture.world import addresses, addresses_posted_to, pages_read_by
from tests.support.answers import put_away

ROOT = Path(__file__).resolve().parents[2]
PRESSED = {"button", "submit", "file"}
TYPED = {"text", "search", "email", "url", "tel", "number", "date", "textarea"}


class Forms(HTMLParser):
    """Collects every form of a page: where it leads, and of each field its kind and its value."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, tuple[str, str]]] = {}
        self._fields: dict[str, tuple[str, str]] | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag, attrs) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            is_post = given.get("method", "").lower() == "post"
            address = given.get("action", "").partition("?")[0]
            self._fields = self.found.setdefault(address, {}) if is_post else None
        elif self._fields is None:
            return
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self._fields:
                self._fields[self._select] = ("select", given.get("value", ""))
        elif name:
            self._take(tag, name, given)

    def _take(self, tag, name, given) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self._fields[name] = ("textarea", "")
        elif kind not in {"radio", "checkbox"} or "checked" in given or name not in self._fields:
            self._fields[name] = (kind, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area and self._fields is not None:
            self._fields[self._area] = ("textarea", self._fields[self._area][1] + data)

    def handle_endtag(self, tag: str) -> None:
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area
        self._fields = None if tag == "form" else self._fields


def forms_in(html: str, own_address: str) -> dict[str, dict[str, tuple[str, str]]]:
    """Return the forms of a page by their action, by default the page's own address."""
    reader = Forms()
    reader.feed(html)
    return {address or own_address: fields for address, fields in reader.found.items()}


class Sheets:
    """The forms that our owner is shown, page by page."""

    def __init__(self, world) -> None:
        self.world = world

    @cached_property
    def all(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Every form that any page shows, by where it leads."""
        browser, found = self.world.browser("owner"), {}
        for name in pages_read_by("owner"):
            address = self.world.way(name)
            response = browser.get(address)
            if response.get("Content-Type", "").startswith("text/html"):
                for leads_to, fields in forms_in(response.content.decode(), address).items():
                    found.setdefault(leads_to, {}).update(fields)
            put_away(response)
        return found

    def fields_of(self, name: str) -> dict[str, tuple[str, str]]:
        """The fields of the form that leads to this address, {} where no page shows one now."""
        return {
            field: what
            for field, what in self.all.get(self.world.way(name), {}).items()
            if field != "csrfmiddlewaretoken"
        }

    def values_of(self, name: str) -> dict[str, str]:
        """What a browser would send in which nobody changed or pressed anything."""
        return {
            field: value
            for field, (kind, value) in self.fields_of(name).items()
            if kind not in PRESSED
        }


@lru_cache(maxsize=1)
def sheets_of(world) -> Sheets:
    """Return the forms of this world, read once for all the tests of a module."""
    return Sheets(world)


def names_in_use() -> list[str]:
    """Every name that a template gives a field, or a view or form reads."""
    python = "\n".join(path.read_text() for path in (ROOT / "apps").rglob("*.py"))
    html = "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    read = re.findall(r"""POST\.(?:get|getlist)\(\s*"(\w+)\"""", python)
    fields = re.findall(r"^    (\w+)(?:: \w+)? = forms\.\w+\(", python, re.MULTILINE)
    return sorted(
        {*read, *fields, *re.findall(r'name="(\w+)"', html)} - {"csrfmiddlewaretoken", "viewport"}
    )


def queries_in_use() -> list[str]:
    """Every name that a page reads from its address."""
    python = "\n".join(path.read_text() for path in (ROOT / "apps").rglob("*.py"))
    return sorted(set(re.findall(r"""(?:GET|params)\.(?:get|getlist)\(\s*"(\w+)\"""", python)))


def every_address_posted_to() -> list[str]:
    """The addresses that take a POST, those without a row in the table included."""
    known = set(addresses(get_resolver()))
    return sorted(set(addresses_posted_to()) & known)
