"""Ordering from vendors, following, saving the bytes."""
