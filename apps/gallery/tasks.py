"""Envelopes: take one step of emptying the trash. Queues stand in CELERY_TASK_ROUTES."""

from celery import shared_task

from apps.gallery import making
from apps.teams.scoping import everywhere


@shared_task(name="apps.gallery.tasks.empty")
def empty() -> None:
    """Every five minutes, and when somebody empties a trash: remove what is gone for good."""
    with everywhere():
        making.let_go()
        if making.remove_gone():
            empty.delay()
