"""Which of a vendor's aspect ratios is nearest to a picture."""

from collections.abc import Iterable
from math import log

from apps.vendors.offer import Value

CLOSE_ENOUGH = 0.06  # a crop of about six per cent is not mentioned


def nearest_aspect_ratio(width: int, height: int, shapes: Iterable[Value]) -> str:
    """Return the aspect ratio that crops a picture of this size least; "" where none is offered."""
    return min(
        (str(shape) for shape in shapes),
        key=lambda shape: _distance(width, height, shape),
        default="",
    )


def fits(width: int, height: int, shape: str) -> bool:
    """Whether a picture of this size is hardly cropped to this aspect ratio."""
    return _distance(width, height, shape) < CLOSE_ENOUGH


def _distance(width: int, height: int, shape: str) -> float:
    across, _, down = shape.partition(":")
    return abs(log(width / height * int(down) / int(across)))
