"""Finders of what the code should not contain; guard tests and `python -m bench.measure` use them."""
