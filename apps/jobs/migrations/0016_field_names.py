"""Renames columns to the field's words, and counts takes from one."""

import uuid

from django.db import migrations, models

from apps.jobs.states import State

STATES = [
    ("planned", "Planned"),
    ("queued", "Queued"),
    ("submitting", "Submitting"),
    ("unconfirmed", "Unconfirmed"),
    ("at_vendor", "At vendor"),
    ("saving", "Saving"),
    ("saved", "Saved"),
    ("moderated", "Moderated"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
LANES = {
    "placing_until": "submitting_until",
    "following_until": "polling_until",
    "answering_until": "webhook_polling_until",
    "seeking_until": "reconciling_until",
    "troubles": "failure_count",
    "trouble_since": "failing_since",
    "trouble_words": "last_error",
    "closed_until": "paused_until",
}
ACCOUNTS = {
    "sealed_hook_secret": "sealed_webhook_secret",  # nosec B105  # the name of a column
    "tend_at": "refresh_at",
    "called_at": "webhook_at",
}
JOBS = {
    "ticket": "idempotency_key",
    "again_of": "rerun_of",
    "after": "extends",
    "after_number": "extends_take",
    "called_at": "webhook_at",
    "taken_at": "accepted_at",
}


def rename_values(apps, schema_editor):
    jobs = apps.get_model("jobs", "Job")._base_manager
    jobs.filter(state="draft").update(state="planned")
    jobs.filter(extends_take__isnull=False).update(extends_take=models.F("extends_take") + 1)


def restore_values(apps, schema_editor):
    jobs = apps.get_model("jobs", "Job")._base_manager
    jobs.filter(state="planned").update(state="draft")
    jobs.filter(extends_take__gt=0).update(extends_take=models.F("extends_take") - 1)


def renames(model, names):
    return [migrations.RenameField(model, old, new) for old, new in names.items()]


class Migration(migrations.Migration):

    dependencies = [("jobs", "0015_submissions")]

    operations = [
        migrations.RenameModel("Pulse", "Heartbeat"),
        *renames("lane", LANES),
        *renames("vendoraccount", ACCOUNTS),
        migrations.RemoveConstraint("job", "job_once_per_ticket"),
        migrations.RemoveConstraint("job", "job_state_is_known"),
        migrations.RemoveIndex("job", "job_called_about"),
        *renames("job", JOBS),
        migrations.AlterField(
            "job",
            "state",
            models.CharField(choices=STATES, default="planned", max_length=12),
        ),
        migrations.AlterField(
            "job",
            "rerun_of",
            models.ForeignKey(
                null=True,
                on_delete=models.SET_NULL,
                related_name="reruns",
                to="jobs.job",
            ),
        ),
        migrations.RunPython(rename_values, restore_values),
        migrations.AddConstraint(
            "job",
            models.UniqueConstraint(
                fields=("team", "idempotency_key"), name="job_once_per_idempotency_key"
            ),
        ),
        migrations.AddConstraint(
            "job",
            models.CheckConstraint(
                condition=models.Q(state__in=[state for state, _label in STATES]),
                name="job_state_is_known",
            ),
        ),
        migrations.AddIndex(
            "job",
            models.Index(
                condition=models.Q(webhook_at__isnull=False),
                fields=["account", "state"],
                name="job_webhook_pending",
            ),
        ),
    ]
