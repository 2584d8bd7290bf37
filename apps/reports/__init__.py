"""Costs and counts across rooms."""
