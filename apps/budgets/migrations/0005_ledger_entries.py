from django.db import migrations, models

KINDS = [
    ("hold", "Hold"),
    ("charge", "Charge"),
    ("void", "Void"),
    ("refund", "Refund"),
    ("refund_missing", "Refund missing"),
    ("corrected", "Cost entered"),
]
RENAMED = {"missed": "refund_missing", "stated": "corrected"}


def rename_kinds(apps, schema_editor):
    entries = apps.get_model("budgets", "LedgerEntry")._base_manager
    for old, new in RENAMED.items():
        entries.filter(kind=old).update(kind=new)


def restore_kinds(apps, schema_editor):
    entries = apps.get_model("budgets", "LedgerEntry")._base_manager
    for old, new in RENAMED.items():
        entries.filter(kind=new).update(kind=old)


class Migration(migrations.Migration):
    """The ledger's table, its columns and its kinds get their names; its checks come back in the next."""

    # The migration of jobs fills the ledger under its old name.
    dependencies = [
        ("budgets", "0004_costs_told_afterwards"),
        ("jobs", "0003_fill_lanes_and_ledger"),
    ]

    operations = [
        migrations.RemoveConstraint("line", "line_once_per_sending_and_kind"),
        migrations.RemoveConstraint("line", "line_kind_is_known"),
        migrations.RemoveConstraint("line", "line_is_never_negative"),
        migrations.RemoveConstraint("line", "line_sending_counts_from_one"),
        migrations.RemoveConstraint("line", "line_signs_fit_its_kind"),
        migrations.RenameModel("Line", "LedgerEntry"),
        migrations.RenameField("ledgerentry", "sending", "submission_number"),
        migrations.AlterField(
            model_name="ledgerentry",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=14),
        ),
        migrations.RunPython(rename_kinds, restore_kinds),
    ]
