"""Fills an installation with jobs at their vendor: `python -m bench._rows < jobs.json`.

Prints as JSON the longest time in seconds that our following leaves between two looks at jobs that
may end any moment, and where the vendor may call about each.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from django.urls import reverse  # noqa: E402

from apps.budgets.models import LedgerEntry  # noqa: E402
from apps.core.secrets import seal  # noqa: E402
from apps.jobs.models import Job, Submission, VendorAccount  # noqa: E402
from apps.jobs.models.submissions import sign_reference  # noqa: E402
from apps.jobs.poll_schedule import durations_of  # noqa: E402
from apps.jobs.states import State, SubmissionOutcome  # noqa: E402
from apps.projects.models import Project  # noqa: E402
from apps.teams.models import Team  # noqa: E402
from apps.teams.scoping import everywhere  # noqa: E402


def main() -> None:
    said = json.load(sys.stdin)
    common, now = account_facts(), datetime.now(UTC)
    # What the account has learned so far: forty jobs of the same kind.
    learned = [
        Job(state=State.SAVED, accepted_at=now - timedelta(seconds=took), done_at=now, **common)
        for took in said["learned"]
    ]
    Job.objects.bulk_create(learned)
    jobs = [at_vendor(one, common, now if said["ours"] else None) for one in said["jobs"]]
    Job.objects.bulk_create(jobs, batch_size=500)
    Submission.objects.bulk_create([submission_of(job) for job in jobs], batch_size=500)
    LedgerEntry.objects.bulk_create([hold_of(job, now) for job in jobs], batch_size=500)
    durations = durations_of(common["account"].pk, jobs[0].price_values)
    hooks = [
        reverse("jobs:webhook", args=["wavespeed", sign_reference(job.vendor_job_id)])
        for job in jobs
    ]
    print(json.dumps({"interval": durations.interval if durations else 0.0, "hooks": hooks}))


def account_facts() -> dict[str, Any]:
    team = Team.objects.create(name="Bench")
    account = VendorAccount(team=team, name="Bench", kind="wavespeed")
    account.use_sandbox()
    account.sealed_webhook_secret = seal("whsec_bench")
    account.save()
    return {
        "team": team, "project": Project.objects.create(team=team, name="Bench"),
        "account": account,
        "prompt_text": "Slow dolly in", "vendor": "wavespeed", "model": "midjourney/image-to-video",
        "schema_version": "1", "parameters": {"resolution": "480p"}, "image_sha256": "",
        "image_title": "Harbour",
        "price": "0.15", "submission_number": 1,
    }  # fmt: skip


def at_vendor(one: dict[str, Any], common: dict[str, Any], look_at: datetime | None) -> Job:
    begun = datetime.fromtimestamp(one["created"], UTC)
    return Job(
        state=State.AT_VENDOR, vendor_job_id=one["id"], accepted_at=begun, vendor_created_at=begun,
        next_step_at=look_at, **common,
    )  # fmt: skip


def submission_of(job: Job) -> Submission:
    return Submission(
        team=job.team,
        job=job,
        number=1,
        reference=job.vendor_job_id,
        outcome=SubmissionOutcome.ACCEPTED,
        vendor_job_id=job.vendor_job_id,
    )


def hold_of(job: Job, now: datetime) -> LedgerEntry:
    return LedgerEntry(
        order=job.public_id, team=job.team, submission_number=1, kind="hold", usd="0.15",
        held="0.15", spent=0,
        project=job.project, vendor="wavespeed", account="Bench", model=job.model, bought_at=now,
    )  # fmt: skip


with everywhere():
    main()
