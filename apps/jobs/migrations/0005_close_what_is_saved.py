"""Calls jobs saved whose last clip was saved by a worker that died before it could say so.

Since 0002 the last clip of a job and the end of the job are written together, and nobody looks after such a job.
"""

from django.db import migrations
from django.db.models import Exists, OuterRef
from django.utils import timezone


def close(apps, schema_editor):
    clips = apps.get_model("jobs", "Clip").objects.filter(job=OuterRef("pk"))
    jobs = apps.get_model("jobs", "Job").objects.filter(Exists(clips), ~Exists(clips.filter(saved_at=None)), state="saving")
    jobs.update(state="saved", saved_at=timezone.now(), next_step_at=None, reason="")


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_every_account_has_a_lane")]
    operations = [migrations.RunPython(close, migrations.RunPython.noop)]
