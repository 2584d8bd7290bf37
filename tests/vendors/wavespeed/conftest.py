"""What the tests about WaveSpeedAI may ask for."""

import pytest

from tests.vendors.wavespeed.stage import standing


@pytest.fixture
def stage():
    """Stand in for the vendor with a real server on loopback."""
    with standing() as one:
        yield one
