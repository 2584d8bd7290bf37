from django.db import migrations, models


def fill(apps, schema_editor):
    """What the house wrote down by itself, the vendor said."""
    prices = apps.get_model("budgets", "Price")._base_manager
    prices.filter(created_by=None, source__endswith=", live").update(is_live=True)


class Migration(migrations.Migration):

    dependencies = [("budgets", "0002_events_of_budgets")]

    operations = [
        migrations.AddField("price", "is_live", models.BooleanField(default=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
