"""Envelopes: find the row, take one step. No decisions are taken here; queues stand in CELERY_TASK_ROUTES."""

from collections.abc import Callable
from functools import wraps

import structlog
from celery import Task, shared_task

from apps.jobs import making, saving
from apps.jobs.models import Clip, Job
from apps.jobs.models.jobs import JobQuerySet
from apps.jobs.states import State
from apps.teams.scoping import everywhere


def _step(take: Callable[[Job], None]) -> Callable[[int], None]:
    @wraps(take)
    def run(job_id: int) -> None:
        with everywhere(), structlog.contextvars.bound_contextvars(job_id=job_id):
            take(Job.objects.select_related("account", "image").get(pk=job_id))
            # What became due by this step is not left waiting for the next round.
            hand_on(Job.objects.filter(pk=job_id))

    return run


submit = shared_task(name="apps.jobs.tasks.submit")(_step(making.submit))
doubt = shared_task(name="apps.jobs.tasks.doubt")(_step(making.doubt))
look = shared_task(name="apps.jobs.tasks.look")(_step(making.look))
save = shared_task(name="apps.jobs.tasks.save")(_step(saving.save))


@shared_task(name="apps.jobs.tasks.check")
def check(clip_id: int) -> None:
    """Take the house's own look at one clip."""
    with everywhere():
        saving.check(Clip.objects.get(pk=clip_id))


STEPS: dict[State, Task] = {
    State.QUEUED: submit,
    State.SUBMITTING: doubt,
    State.AT_VENDOR: look,
    State.SAVING: save,
}


@shared_task(name="apps.jobs.tasks.make_round")
def make_round() -> None:
    """Five times a second: take the next step of whatever is due.

    The rows are the only memory. A worker that dies loses nothing but its turn.
    """
    with everywhere():
        hand_on(Job.objects.all())
        for clip_id in Clip.objects.claim_checks():
            check.delay(clip_id)


def hand_on(jobs: JobQuerySet) -> None:
    """Send a worker to each of the jobs whose next step is due."""
    for job_id, state in jobs.claim_due(STEPS):
        STEPS[state].delay(job_id)
