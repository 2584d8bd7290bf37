"""Calls a sending a submission, and its outcome accepted or not received."""

import apps.jobs.models.submissions
import django.db.models.deletion
from django.db import migrations, models

OUTCOMES = {"taken": "accepted", "never": "not_received"}


def rename_outcomes(apps, schema_editor):
    submissions = apps.get_model("jobs", "Submission")._base_manager
    for old, new in OUTCOMES.items():
        submissions.filter(outcome=old).update(outcome=new)


def restore_outcomes(apps, schema_editor):
    submissions = apps.get_model("jobs", "Submission")._base_manager
    for old, new in OUTCOMES.items():
        submissions.filter(outcome=new).update(outcome=old)


class Migration(migrations.Migration):

    dependencies = [("jobs", "0014_looked_at")]

    operations = [
        migrations.RemoveConstraint("sending", "sending_number_once_per_job"),
        migrations.RemoveConstraint("sending", "sending_fate_is_known"),
        migrations.RemoveIndex("sending", "sending_sought"),
        migrations.RenameModel("Sending", "Submission"),
        migrations.RenameField("job", "sending", "submission_number"),
        migrations.RenameField("submission", "mark", "reference"),
        migrations.RenameField("submission", "fate", "outcome"),
        migrations.RenameField("submission", "seek_at", "search_at"),
        migrations.RenameField("submission", "looks", "search_count"),
        migrations.RenameField("submission", "looked_at", "searched_at"),
        migrations.AlterField(
            "submission",
            "reference",
            models.CharField(
                default=apps.jobs.models.submissions.new_reference, max_length=64, unique=True
            ),
        ),
        migrations.AlterField(
            "submission",
            "outcome",
            models.CharField(
                choices=[
                    ("unknown", "may have arrived"),
                    ("accepted", "accepted by the vendor"),
                    ("not_received", "not received by the vendor"),
                ],
                default="unknown",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            "submission",
            "job",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="submissions",
                to="jobs.job",
            ),
        ),
        migrations.RunPython(rename_outcomes, restore_outcomes),
        migrations.AddConstraint(
            "submission",
            models.UniqueConstraint(
                fields=("job", "number"), name="submission_number_once_per_job"
            ),
        ),
        migrations.AddConstraint(
            "submission",
            models.CheckConstraint(
                condition=models.Q(outcome__in=["unknown", "accepted", "not_received"]),
                name="submission_outcome_is_known",
            ),
        ),
        migrations.AddIndex(
            "submission",
            models.Index(
                condition=models.Q(outcome="unknown"),
                fields=["search_at"],
                name="submission_to_find",
            ),
        ),
    ]
