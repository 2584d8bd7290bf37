"""The whole product, running."""

from tests.factories.stack import running_stack

__all__ = ["running_stack"]
