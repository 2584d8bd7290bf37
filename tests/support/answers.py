"""Answers of the test client, put away again."""

from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponseBase


def put_away(response: HttpResponseBase) -> None:
    """Close an answer and its file, but not the database connection, which the test still needs."""
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)
