"""Requests to a vendor, to stop a job or to delete it, become a table; they were columns of jobs."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

BATCH = 500
# A stopped job's answer by its former name.
ANSWERS = {"stopped": "done", "too_late": "too_late", "unable": "unable"}


def requests_from_columns(apps, schema_editor):
    request_model = apps.get_model("jobs", "VendorRequest")
    jobs = apps.get_model("jobs", "Job")._base_manager.order_by("pk")
    wanted = ~Q(stop_answer="") | Q(stop_at__isnull=False)
    wanted |= Q(forget_at__isnull=False) | Q(forgotten_at__isnull=False)
    batch = []
    for job in jobs.filter(wanted).iterator(chunk_size=BATCH):
        batch += [request for request in (to_stop(job), to_delete(job)) if request]
        if len(batch) >= BATCH:
            create(request_model, batch)
            batch = []
    create(request_model, batch)


def create(request_model, batch):
    request_model._base_manager.bulk_create(request_model(**facts) for facts in batch)


def to_stop(job):
    if answer := ANSWERS.get(job.stop_answer, ""):
        return facts_of(job, "stop", answer=answer, done_at=job.done_at)
    if job.stop_answer or job.stop_at:
        return facts_of(job, "stop", next_try_at=job.stop_at or timezone.now())
    return None


def to_delete(job):
    if job.forgotten_at:
        return facts_of(job, "delete", answer="done", done_at=job.forgotten_at)
    if job.forget_at:
        return facts_of(job, "delete", next_try_at=job.forget_at)
    return None


def facts_of(job, kind, **facts):
    return {"team_id": job.team_id, "job_id": job.pk, "kind": kind, **facts}


def columns_from_requests(apps, schema_editor):
    jobs = apps.get_model("jobs", "Job")._base_manager
    requests = apps.get_model("jobs", "VendorRequest")._base_manager.order_by("pk")
    former = {answer: name for name, answer in ANSWERS.items()}
    for request in requests.iterator(chunk_size=BATCH):
        job = jobs.filter(pk=request.job_id)
        if request.kind == "stop":
            job.update(stop_at=request.next_try_at, stop_answer=former.get(request.answer, "asked"))
        elif request.answer == "done":
            job.update(forgotten_at=request.done_at)
        else:
            job.update(forget_at=request.next_try_at)


class Migration(migrations.Migration):

    dependencies = [("jobs", "0019_tries_and_polls")]

    operations = [
        migrations.CreateModel(
            name="VendorRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("stop", "Cancel at the vendor"), ("delete", "Delete at the vendor")], max_length=6)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("answer", models.CharField(blank=True, choices=[("done", "Done"), ("too_late", "Too late: the job had ended"), ("unable", "The vendor can't do it")], max_length=8)),
                ("done_at", models.DateTimeField(null=True)),
                ("job", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="vendor_requests", to="jobs.job")),
                ("team", models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="teams.team")),
            ],
            options={
                "indexes": [models.Index(condition=Q(next_try_at__isnull=False), fields=["next_try_at"], name="vendor_request_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("job", "kind"), name="vendor_request_once_per_kind"),
                    models.CheckConstraint(condition=Q(kind__in=["stop", "delete"]), name="vendor_request_kind_is_known"),
                    models.CheckConstraint(
                        condition=Q(next_try_at__isnull=False, answer="", done_at=None)
                        | Q(next_try_at=None, answer__in=["done", "too_late", "unable"]),
                        name="vendor_request_is_due_or_answered",
                    ),
                ],
            },
        ),
        migrations.RunPython(requests_from_columns, columns_from_requests),
        migrations.RemoveIndex("job", "job_to_stop"),
        migrations.RemoveIndex("job", "job_to_forget"),
        migrations.RemoveField("job", "stop_at"),
        migrations.RemoveField("job", "stop_answer"),
        migrations.RemoveField("job", "forget_at"),
        migrations.RemoveField("job", "forgotten_at"),
    ]
