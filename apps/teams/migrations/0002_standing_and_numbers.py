import uuid

from django.db import migrations, models


def number_members(apps, schema_editor):
    members = apps.get_model("teams", "Member").objects
    rows = list(members.only("pk"))
    for row in rows:
        row.public_id = uuid.uuid4()
    members.bulk_update(rows, ["public_id"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [("teams", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="standing",
            field=models.CharField(
                choices=[("active", "Active"), ("archived", "Archived"), ("suspended", "Suspended")],
                default="active", editable=False, max_length=10, verbose_name="standing",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("standing__in", ["active", "archived", "suspended"])),
                name="team_standing_is_known",
            ),
        ),
        # A default is worked out once for all the rows there are: number them one by one, then insist.
        migrations.AddField(
            model_name="member", name="public_id", field=models.UUIDField(editable=False, null=True)
        ),
        migrations.RunPython(number_members, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="member",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
