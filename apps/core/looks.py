"""How a value looks on a page."""

from typing import NamedTuple


class Look(NamedTuple):
    """The icon and the tone of a value; its words come with the value."""

    icon: str
    tone: str = ""


UNKNOWN_VALUE = Look("question")
