"""Clips: what a team owns once a vendor has delivered it."""
