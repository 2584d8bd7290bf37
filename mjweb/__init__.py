"""The Django project: how the house is switched on."""

from mjweb.celery import app as celery_app

__all__ = ["celery_app"]
