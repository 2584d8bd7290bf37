import uuid

from django.db import migrations, models


def number_accounts(apps, schema_editor):
    accounts = apps.get_model("jobs", "VendorAccount")._base_manager
    rows = list(accounts.only("pk"))
    for row in rows:
        row.public_id = uuid.uuid4()
    accounts.bulk_update(rows, ["public_id"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [("jobs", "0008_events_of_jobs")]

    operations = [
        # A default is worked out once for all the rows there are: number them one by one, then insist.
        migrations.AddField(
            model_name="vendoraccount",
            name="public_id",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunPython(number_accounts, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="vendoraccount",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
