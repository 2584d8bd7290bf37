"""Signs of life of the processes that nobody sees."""

import time
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

SECONDS = 5.0  # between two beats of one process
STILL = timedelta(seconds=60)  # a heartbeat older than this is one of a dead process
_beaten: dict[str, float] = {}


class Heartbeat(models.Model):
    """The last sign of life of a kind of process: `worker` runs rounds, `saver` downloads clips."""

    name = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Heartbeat"]] = models.Manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_alive(self) -> bool:
        """Whether that kind of process is at work now."""
        return timezone.now() - self.beat_at < STILL


def record_heartbeat(name: str) -> None:
    """Leave a sign of life, every few seconds however often this is called."""
    now = time.monotonic()
    if now - _beaten.get(name, -SECONDS) < SECONDS:
        return
    _beaten[name] = now
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})
