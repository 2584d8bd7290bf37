"""Background tasks: each room says the queue, the time limit and the schedule of its own.

The Celery application (mjweb/celery.py) reads routes and schedule from here, so that settings list
no task of any room.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import Task, shared_task

_queues: dict[str, str] = {}
_schedule: dict[str, dict[str, Any]] = {}


def background_task(
    queue: str,
    *,
    limit_seconds: int,
    every: timedelta | None = None,
    expires_seconds: int | None = None,
    name: str = "",
) -> Callable[[Callable[..., None]], Task]:
    """Make a function a Celery task in a queue, ended after its limit, and perhaps run by itself.

    What is quick must not wait in one queue with what is slow. A limit has to be shorter than the
    claim of the rows that the task works on, so that nobody else begins while it still runs. A
    scheduled message expires, so that a stopped worker does not find a heap of them.
    """

    def register(function: Callable[..., None]) -> Task:
        full_name = f"{function.__module__}.{name or function.__name__}"
        _queues[full_name] = queue
        if every:
            _schedule[full_name] = {
                "task": full_name,
                "schedule": every,
                "options": {"queue": queue, "expires": expires_seconds},
            }
        task: Task = shared_task(name=full_name, time_limit=limit_seconds)(function)
        return task

    return register


def route(
    name: str,
    args: object,  # noqa: ARG001  # as Celery calls its routers
    kwargs: object,  # noqa: ARG001
    options: object,  # noqa: ARG001
    task: object = None,  # noqa: ARG001
    **_more: object,
) -> dict[str, str] | None:
    """Return the queue of a task, None for tasks that are not ours."""
    queue = _queues.get(name)
    return {"queue": queue} if queue else None


def queues() -> dict[str, str]:
    """Return the queue of each task that a room has registered."""
    return dict(_queues)


def schedule() -> dict[str, dict[str, Any]]:
    """Return the tasks that run by themselves, as Celery's scheduler reads them."""
    return dict(_schedule)
