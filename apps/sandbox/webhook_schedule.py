"""Webhooks that follow from a job's new status.

Source: docs/vendor-contracts.md, sections 1.10 and 3.7.
"""

from dataclasses import dataclass

from apps.sandbox.jobs import RUNNING, Job

NORMAL, FORGED, REPLAYED = "honest", "forged", "replayed"  # stored in the database


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledWebhook:
    """One webhook to send: its kind, and its delay by the sandbox's clock."""

    kind: str = NORMAL
    delay_seconds: float = 0.0


def webhooks_for(job: Job) -> list[ScheduledWebhook]:
    """Return the webhooks for a job's status, altered by the faults of the job."""
    # WaveSpeedAI sends one at the end, CometAPI one at every change.
    is_too_early = job.contract == "wavespeed" and job.status in RUNNING
    if not job.webhook_url or is_too_early or job.fault("hook_never"):
        return []
    late = job.fault("hook_late")
    delay_seconds = late.number("seconds") if late else 0.0
    if job.fault("hook_forged"):
        return [ScheduledWebhook(kind=FORGED, delay_seconds=delay_seconds)]
    if job.fault("hook_replayed"):
        return [ScheduledWebhook(kind=REPLAYED, delay_seconds=delay_seconds)]
    times = 2 if job.fault("hook_duplicate") else 1
    return [ScheduledWebhook(delay_seconds=delay_seconds)] * times
