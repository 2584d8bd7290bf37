"""A vendor of our own, in a process of its own."""
