"""The job id that a webhook or a person names is called unverified until the vendor confirms it."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("jobs", "0020_vendor_requests")]

    operations = [migrations.RenameField("submission", "hinted_id", "unverified_job_id")]
