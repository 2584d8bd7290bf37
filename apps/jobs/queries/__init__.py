"""Reads of the jobs room that are too big for a queryset method."""

from apps.jobs.queries.accounts import (
    Moderation,
    accounts_of_team,
    broken_lanes,
    has_play_money,
    moderated_today,
    moderation_of,
)
from apps.jobs.queries.clips import job_of
from apps.jobs.queries.job_page import (
    JobPage,
    job_page,
    retry_of,
    unsettled_submissions,
    why_not_longer,
)
from apps.jobs.queries.late import late_jobs, late_stories
from apps.jobs.queries.order_prefill import (
    initial_aspect_ratio,
    initial_values,
    initial_values_for_extension,
    last_order_of,
    plan_again,
    project_for,
    rerun_source,
    take_before,
    why_from_here,
)

__all__ = [
    "JobPage",
    "Moderation",
    "accounts_of_team",
    "broken_lanes",
    "has_play_money",
    "initial_aspect_ratio",
    "initial_values",
    "initial_values_for_extension",
    "job_of",
    "job_page",
    "last_order_of",
    "late_jobs",
    "late_stories",
    "moderated_today",
    "moderation_of",
    "plan_again",
    "project_for",
    "rerun_source",
    "retry_of",
    "take_before",
    "unsettled_submissions",
    "why_from_here",
    "why_not_longer",
]
