from django.db import migrations


def begin_here(apps, schema_editor):
    """What happened before there were notices is not told now; who did it is known still.

    Where telling has begun before the way back to 0003, it goes on where it was.
    """
    events = apps.get_model("activity", "Event")._base_manager
    events.filter(actor__isnull=False).update(of_person=True)
    newest = events.order_by("-pk").values_list("pk", flat=True).first()
    told = apps.get_model("activity", "Told")._base_manager
    told.get_or_create(pk=1, defaults={"upto": newest or 0})


class Migration(migrations.Migration):

    dependencies = [("activity", "0003_notices_and_hooks")]

    operations = [migrations.RunPython(begin_here, migrations.RunPython.noop)]
