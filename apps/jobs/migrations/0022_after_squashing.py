"""Nothing changes: the room's next migration stands on this one, however its tables were made."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [('jobs', '0021_unverified_job_id')]
    operations = []
