"""Decisions are on clips of the clips room: the same table under another name."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clips', '0001_initial'),
        ('reviews', '0002_mentions'),
    ]
    # While the jobs room still has clips: it lets go of them there.
    run_before = [('jobs', '0017_outputs')]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='decision',
                    name='clip',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='clips.clip'),
                ),
            ],
        ),
    ]
