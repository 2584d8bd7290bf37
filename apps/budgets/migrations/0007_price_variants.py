from django.db import migrations, models


class Migration(migrations.Migration):
    """A price is kept under the settings that decide it, whichever the vendor has.

    For the vendors so far that is the resolution, so that every stored text stays as it is.
    """

    dependencies = [
        ("budgets", "0006_ledger_entry_checks"),
    ]

    operations = [
        migrations.RenameField("price", "resolution", "variant"),
        migrations.RenameField("ledgerentry", "resolution", "variant"),
        migrations.AlterField(
            "price", "variant", models.CharField(blank=True, max_length=80)
        ),
        migrations.AlterField(
            "ledgerentry", "variant", models.CharField(blank=True, max_length=80)
        ),
    ]
