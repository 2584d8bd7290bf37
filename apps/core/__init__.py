"""Tools without domain words."""
