"""Fixtures of the tests about WaveSpeedAI."""

import pytest

from tests.vendors.wavespeed.server import serve_loopback


@pytest.fixture(scope="module")
def loopback_server():
    """One real server on loopback for all tests of a module."""
    with serve_loopback() as one:
        yield one


@pytest.fixture
def server(loopback_server):
    """The server without requests, which answers 404 to everything."""
    return loopback_server.reset()
