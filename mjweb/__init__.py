"""The Django project: settings, URLs, and the web and worker processes."""

from mjweb.celery import app as celery_app

__all__ = ["celery_app"]
