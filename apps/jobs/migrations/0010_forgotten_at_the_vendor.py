from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("jobs", "0009_numbered_accounts")]

    operations = [
        migrations.AddField("job", "forget_at", models.DateTimeField(null=True)),
        migrations.AddField("job", "forgotten_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "job",
            models.Index(
                condition=models.Q(("forget_at__isnull", False)), fields=["forget_at"], name="job_to_forget"
            ),
        ),
    ]
