"""Splits the count of attempts: tries to submit, failures to poll, polls after the end."""

from django.db import migrations, models
from django.db.models import F

ENDED = ["failed", "moderated", "cancelled"]


def split_attempts(apps, schema_editor):
    jobs = apps.get_model("jobs", "Job")._base_manager
    jobs.filter(state="at_vendor").update(poll_failures=F("submit_tries"), submit_tries=0)
    ended = jobs.filter(state__in=ENDED).exclude(vendor_job_id="")
    ended.update(later_polls=F("submit_tries"), submit_tries=0)


def join_attempts(apps, schema_editor):
    jobs = apps.get_model("jobs", "Job")._base_manager
    jobs.filter(state="at_vendor").update(submit_tries=F("poll_failures"))
    ended = jobs.filter(state__in=ENDED).exclude(vendor_job_id="")
    ended.update(submit_tries=F("later_polls"))


class Migration(migrations.Migration):

    dependencies = [("jobs", "0018_fill_outputs")]

    operations = [
        migrations.RenameField("job", "attempts", "submit_tries"),
        migrations.AddField("job", "poll_failures", models.PositiveIntegerField(default=0)),
        migrations.AddField("job", "later_polls", models.PositiveIntegerField(default=0)),
        migrations.RunPython(split_attempts, join_attempts),
    ]
