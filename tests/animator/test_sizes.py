import pytest

from apps.animator.sizes import SIZES, size_of
from apps.core.errors import DomainError


@pytest.mark.parametrize(
    ("resolution", "aspect_ratio", "size"),
    [
        ("480p", "1:1", (624, 624)),
        ("480p", "2:3", (512, 768)),
        ("480p", "16:9", (832, 464)),
        ("480p", "1:2", (448, 880)),
        ("720p", "1:1", (960, 960)),
        ("720p", "2:3", (784, 1168)),
        ("720p", "16:9", (1280, 720)),
        ("720p", "1:2", (672, 1360)),
    ],
)
def test_sizes_are_those_the_vendors_give(resolution, aspect_ratio, size):
    assert size_of(resolution, aspect_ratio) == size


def test_every_size_is_even_and_close_to_its_ratio():
    for by_ratio in SIZES.values():
        for ratio, (width, height) in by_ratio.items():
            across, down = map(int, ratio.split(":"))
            assert width % 2 == height % 2 == 0
            assert width / height == pytest.approx(across / down, rel=0.03)


def test_an_unknown_resolution_is_refused_in_a_sentence():
    with pytest.raises(DomainError, match="choose one of 480p, 720p"):
        size_of("4k", "1:1")


def test_an_unknown_ratio_is_refused_in_a_sentence():
    with pytest.raises(DomainError, match="no aspect ratio “5:4”"):
        size_of("480p", "5:4")
