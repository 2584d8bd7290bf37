"""Finders of what the code should not contain, for guard tests and `make measure`."""
