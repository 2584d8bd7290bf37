"""Vendor accounts and their lanes, jobs and their submissions, chains, and the clips that come back."""

from apps.jobs.models.accounts import VendorAccount
from apps.jobs.models.chains import Chain
from apps.jobs.models.clips import Clip
from apps.jobs.models.heartbeats import Heartbeat, record_heartbeat
from apps.jobs.models.jobs import Job
from apps.jobs.models.lanes import Lane
from apps.jobs.models.recipe import Recipe
from apps.jobs.models.submissions import Submission

__all__ = [
    "Chain",
    "Clip",
    "Heartbeat",
    "Job",
    "Lane",
    "Recipe",
    "Submission",
    "VendorAccount",
    "record_heartbeat",
]
