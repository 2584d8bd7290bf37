"""Deciding on clips."""
