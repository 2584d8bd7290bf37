"""Gives what was there before lanes, sendings and a ledger its rows in them.

Whoever comes here once more, after the way back to 0002 or 0001, leaves alone what has its rows already.
"""

from django.db import migrations
from django.utils import timezone

from apps.core.errors import DomainError
from apps.core.secrets import unseal
from apps.jobs.models.lanes import fingerprint_of

TIERS = {"wavespeed": (2, 2)}  # Bronze, on which every new WaveSpeedAI account stands
SETTLED = {"saving": "charge", "saved": "charge", "moderated": "void", "failed": "void", "cancelled": "void"}


def fill(apps, schema_editor):
    account_model, lane_model = apps.get_model("jobs", "VendorAccount"), apps.get_model("jobs", "Lane")
    for account in account_model.objects.filter(lane=None):
        said = f"sandbox {account.kind}"
        limits = (0, 0)
        if not account.is_sandbox:
            said = fingerprint_of(account.kind, account.base_url, _key_of(account))
            limits = TIERS.get(account.kind, (0, 0))
        facts = {"kind": account.kind, "orders_per_minute": limits[0], "in_flight": limits[1]}
        account.lane, _ = lane_model.objects.get_or_create(fingerprint=said, defaults=facts)
        account.save(update_fields=["lane"])
    clips = apps.get_model("jobs", "Clip").objects
    due = clips.filter(saved_at=None, job__state="saving", next_step_at=None, lost_at=None)
    due.update(next_step_at=timezone.now())
    for job in apps.get_model("jobs", "Job").objects.exclude(state="draft").select_related("account").iterator():
        _sent(apps, job)
        _counted(apps.get_model("budgets", "Line"), job)


def _key_of(account):
    try:
        return unseal(account.sealed_key)
    except DomainError:  # sealed with another secret: nobody can read it, so nobody shares it
        return f"unreadable {account.pk}"


def _sent(apps, job):
    if job.submitted_at is None:
        return
    apps.get_model("jobs", "Job").objects.filter(pk=job.pk, sending=0).update(sending=1)
    fate = "taken" if job.vendor_job_id else "unknown" if job.state in {"submitting", "unconfirmed"} else "never"
    facts = {
        "team_id": job.team_id, "sent_at": job.submitted_at, "fate": fate, "vendor_job_id": job.vendor_job_id,
        "seek_at": timezone.now() if fate == "unknown" else None,
    }
    apps.get_model("jobs", "Sending").objects.get_or_create(job=job, number=1, defaults=facts)


def _counted(lines, job):
    price = job.price or 0
    facts = {
        "team_id": job.team_id, "order": job.public_id, "sending": 1, "usd": job.price, "project_id": job.project_id,
        "person_id": job.created_by_id, "vendor": job.vendor, "account": job.account.name, "model": job.model,
        "resolution": str(job.parameters.get("resolution", "")), "bought_at": job.created_at,
    }
    # Going back to 0001 keeps the ledger: what is written stays written.
    mine = {name: facts.pop(name) for name in ("order", "sending")}
    lines.objects.get_or_create(kind="hold", **mine, defaults={"held": price, "spent": 0, **facts})
    kind = SETTLED.get(job.state)
    if kind and not lines.objects.filter(kind__in=["charge", "void"], **mine).exists():
        spent = price if kind == "charge" else 0
        lines.objects.create(kind=kind, **mine, held=-price, spent=spent, **facts)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_lanes_sendings_chains"), ("budgets", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
