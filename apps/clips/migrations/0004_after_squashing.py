"""Nothing changes: the room's next migration stands on this one, however its tables were made."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [('clips', '0003_clips_without_jobs')]
    operations = []
