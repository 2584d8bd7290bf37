"""Tools for operators of an installation, and pages to export or erase one's own data."""
