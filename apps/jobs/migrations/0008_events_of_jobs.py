"""Events of the past learn which project their job, clip or chain belongs to."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    events = apps.get_model("activity", "Event").objects.filter(project_id=None)
    for kind in ("Job", "Clip", "Chain"):
        rows = apps.get_model("jobs", kind).objects.filter(public_id=OuterRef("subject_id"))
        events.filter(subject_kind=kind.lower()).update(project_id=Subquery(rows.values("project_id")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ("jobs", "0007_pulses"),
        ("activity", "0002_origin_and_project"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
