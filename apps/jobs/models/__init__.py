"""Vendor accounts, jobs, and the clips that come back."""

from apps.jobs.models.accounts import VendorAccount
from apps.jobs.models.clips import Clip
from apps.jobs.models.jobs import Job
from apps.jobs.models.recipe import Recipe

__all__ = ["Clip", "Job", "Recipe", "VendorAccount"]
