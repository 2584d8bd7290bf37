"""Vendor accounts and their lanes, jobs and their submissions, chains, and outputs to download."""

from apps.jobs.models.accounts import VendorAccount
from apps.jobs.models.chains import Chain
from apps.jobs.models.heartbeats import Heartbeat, record_heartbeat
from apps.jobs.models.jobs import Job
from apps.jobs.models.lanes import Lane
from apps.jobs.models.outputs import Output
from apps.jobs.models.submissions import Submission
from apps.jobs.models.vendor_requests import VendorRequest

__all__ = [
    "Chain",
    "Heartbeat",
    "Job",
    "Lane",
    "Output",
    "Submission",
    "VendorAccount",
    "VendorRequest",
    "record_heartbeat",
]
