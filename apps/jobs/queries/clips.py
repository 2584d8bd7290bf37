"""The jobs behind clips."""

from apps.clips.models import Clip
from apps.jobs.models import Job


def job_of(clip: Clip) -> Job | None:
    """Return the job that a clip is a take of; None where there is none any more."""
    if clip.order is None:
        return None
    known = ("account", "image", "project", "team")
    job: Job | None = Job.objects.filter(public_id=clip.order).select_related(*known).first()
    return job
