"""Slots of this room."""

from apps.core.slots import panel_slot

# Beside the title of a project's page; the panels get the project.
ACTIONS = panel_slot("projects.actions")
