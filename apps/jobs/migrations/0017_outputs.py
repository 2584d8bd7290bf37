"""Clips move to a room of their own; what is still to be downloaded of a job is an output."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clips', '0001_initial'),
        ('jobs', '0016_field_names'),
    ]

    operations = [
        # Its table is the one that clips 0001 has renamed.
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name='Clip')]),
        migrations.CreateModel(
            name='Output',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('take', models.PositiveSmallIntegerField()),
                ('vendor_url', models.TextField()),
                ('nsfw', models.CharField(choices=[('clear', 'Clear'), ('flagged', 'Flagged'), ('unknown', 'Unknown')], default='unknown', max_length=7)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('fault', models.TextField(blank=True)),
                ('given_up_at', models.DateTimeField(null=True)),
                ('clip', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='output', to='clips.clip')),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outputs', to='jobs.job')),
                ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='output_to_download')],
                'constraints': [
                    models.UniqueConstraint(fields=('job', 'take'), name='output_once_per_take'),
                    models.CheckConstraint(condition=models.Q(('next_try_at', None), ('given_up_at', None), _connector='OR'), name='output_given_up_is_not_tried'),
                ],
            },
        ),
    ]
