"""Finding and keeping."""
