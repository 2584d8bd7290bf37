"""Events of the past learn which project they are about; on the way back, names are once per team again."""

from itertools import count

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    events = apps.get_model("activity", "Event").objects.filter(project_id=None)
    projects = apps.get_model("projects", "Project").objects.filter(public_id=OuterRef("subject_id"))
    images = apps.get_model("projects", "Image").objects.filter(public_id=OuterRef("subject_id"))
    events.filter(subject_kind="project").update(project_id=Subquery(projects.values("pk")[:1]))
    events.filter(subject_kind="image").update(project_id=Subquery(images.values("project_id")[:1]))


def tell_names_apart(apps, schema_editor):
    """Give a private project whose name another has too a number: names are then once per team again."""
    projects = apps.get_model("projects", "Project").objects
    for project in projects.filter(is_private=True).order_by("pk"):
        others = projects.filter(team=project.team_id).exclude(pk=project.pk)
        if others.filter(name=project.name).exists():
            names = (f"{project.name[:110]} ({number})" for number in count(2))
            free = next(name for name in names if not others.filter(name=name).exists())
            projects.filter(pk=project.pk).update(name=free)


class Migration(migrations.Migration):

    dependencies = [
        ("projects", "0002_private_projects"),
        ("activity", "0002_origin_and_project"),
    ]

    operations = [migrations.RunPython(fill, tell_names_apart)]
