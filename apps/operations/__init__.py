"""Tools for whoever runs an installation, and the pages on which people take or erase their data."""
