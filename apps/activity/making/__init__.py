"""Telling people and hooks what happened: steps that are safe to repeat."""
