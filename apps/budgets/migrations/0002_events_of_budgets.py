"""Events of the past learn which project their budget is of, where it is of one."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    events = apps.get_model("activity", "Event").objects.filter(project_id=None, subject_kind="budget")
    rows = apps.get_model("budgets", "Budget").objects.filter(public_id=OuterRef("subject_id"))
    events.update(project_id=Subquery(rows.values("project_id")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ("budgets", "0001_initial"),
        ("activity", "0002_origin_and_project"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
