"""The progress of a job, estimated from the account's own jobs."""

from math import ceil

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.formatting import seconds
from apps.jobs.models import Job
from apps.jobs.poll_schedule import Durations
from apps.jobs.states import State


def progress_of(job: Job, durations: Durations | None) -> tuple[int | None, str]:
    """Return the percentage and the time left in words; None and "" where nobody can tell."""
    if job.state == State.SAVING:
        return 97, _("saving the clip")
    if job.state != State.AT_VENDOR or durations is None or job.accepted_at is None:
        return None, ""
    elapsed = (timezone.now() - job.accepted_at).total_seconds()
    percent = min(95, round(100 * elapsed / max(durations.p90, 0.1)))
    if elapsed > durations.p90:
        return percent, _("longer than usual")
    if elapsed > durations.median:
        return percent, _("almost done, up to %s more") % _duration(durations.p90 - elapsed)
    return percent, _("about %s left") % _duration(durations.median - elapsed)


def _duration(left: float) -> str:
    """Write an estimate in whole seconds: tenths would claim to know more than it does."""
    return _("%s s") % max(1, ceil(left)) if left < 10 else seconds(round(left * 1000))
