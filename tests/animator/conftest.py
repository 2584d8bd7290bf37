import numpy as np
import pytest

from apps.animator.engine import Motion, scene_of


@pytest.fixture(scope="session")
def landscape():
    """A blue sky with clouds, green hills, and a lake in front of them."""
    height, width = 240, 400
    rng = np.random.default_rng(4)
    picture = np.zeros((height, width, 3), np.float32)
    rows = np.linspace(0, 1, height)[:, None, None]
    picture[:] = (1 - rows) * (90, 140, 215) + rows * (190, 205, 235)
    y, x = np.mgrid[0:height, 0:width]
    cloud = np.exp(-(((x - 120) / 50) ** 2 + ((y - 45) / 22) ** 2))[..., None]
    picture += cloud * (255 - picture) * 0.35
    hill = 130 + 18 * np.sin(x / 40)
    green = rng.normal(0, 22, (height, width, 1)) + np.array((60, 110, 50))
    picture = np.where((y > hill)[..., None], green, picture)
    picture = np.where((y > 175)[..., None], (55, 95, 150), picture)
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def portrait_of_a_ball():
    """One red ball before a dull wall: nobody can miss the subject."""
    y, x = np.mgrid[0:300, 0:300]
    picture = np.full((300, 300, 3), (120, 122, 118), np.uint8)
    picture[(x - 190) ** 2 + (y - 140) ** 2 < 55**2] = (200, 40, 30)
    return picture


@pytest.fixture(scope="session")
def scene():
    """Prepare a scene without drawing it: quick enough for every test."""

    def prepare(picture, prompt="", *, size=(256, 144), level="low", manner="manual", seed=0):
        return scene_of(picture, size, Motion(prompt=prompt, level=level, manner=manner, seed=seed))

    return prepare
