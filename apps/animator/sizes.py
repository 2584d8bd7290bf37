"""The size of a clip in pixels, by resolution and aspect ratio."""

from apps.core.errors import DomainError

SIZES: dict[str, dict[str, tuple[int, int]]] = {
    "480p": {
        "1:1": (624, 624),
        "2:3": (512, 768),
        "16:9": (832, 464),
        "1:2": (448, 880),
        # No vendor documents these two; the sizes are ours, of about the same area.
        "4:3": (720, 544),
        "3:4": (544, 720),
    },
    "720p": {
        "1:1": (960, 960),
        "2:3": (784, 1168),
        "16:9": (1280, 720),
        "1:2": (672, 1360),
        # Ours again, for the same reason.
        "4:3": (1104, 832),
        "3:4": (832, 1104),
    },
}


def size_of(resolution: str, aspect_ratio: str) -> tuple[int, int]:
    """Return width and height of a clip in pixels."""
    by_ratio = SIZES.get(resolution)
    if by_ratio is None:
        known = ", ".join(SIZES)
        raise DomainError(f"There is no resolution “{resolution}”; choose one of {known}.")
    size = by_ratio.get(aspect_ratio)
    if size is None:
        known = ", ".join(by_ratio)
        raise DomainError(f"There is no aspect ratio “{aspect_ratio}”; choose one of {known}.")
    return size
