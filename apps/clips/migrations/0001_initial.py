"""The table of clips moves here from the jobs room as it is; 0002 and 0003 change its columns."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

NSFW = [('clear', 'Clear'), ('flagged', 'Flagged'), ('unknown', 'Unknown')]
VERDICTS = [('undecided', 'In review'), ('approved', 'Approved'), ('changes_requested', 'Changes requested')]
CLIP = migrations.CreateModel(
    name='Clip',
    fields=[
        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
        ('prompt_title', models.CharField(blank=True, max_length=120)),
        ('prompt_number', models.PositiveIntegerField(null=True)),
        ('prompt_text', models.TextField()),
        ('vendor', models.CharField(max_length=20)),
        ('model', models.CharField(max_length=80)),
        ('schema_version', models.CharField(max_length=10)),
        ('parameters', models.JSONField(default=dict)),
        ('image_sha256', models.CharField(max_length=64)),
        ('image_title', models.CharField(max_length=200)),
        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        ('number', models.PositiveSmallIntegerField()),
        ('vendor_url', models.TextField()),
        ('is_joined', models.BooleanField(default=False)),
        ('next_step_at', models.DateTimeField(null=True)),
        ('attempts', models.PositiveIntegerField(default=0)),
        ('fault', models.TextField(blank=True)),
        ('lost_at', models.DateTimeField(null=True)),
        ('file', models.CharField(blank=True, max_length=200)),
        ('poster', models.CharField(blank=True, max_length=200)),
        ('sprite', models.CharField(blank=True, max_length=200)),
        ('sprite_columns', models.PositiveSmallIntegerField(default=0)),
        ('sprite_rows', models.PositiveSmallIntegerField(default=0)),
        ('width', models.PositiveIntegerField(default=0)),
        ('height', models.PositiveIntegerField(default=0)),
        ('rate_num', models.PositiveIntegerField(default=0)),
        ('rate_den', models.PositiveIntegerField(default=1)),
        ('frames', models.PositiveIntegerField(default=0)),
        ('duration_ms', models.PositiveIntegerField(default=0)),
        ('size', models.PositiveBigIntegerField(default=0)),
        ('sha256', models.CharField(blank=True, max_length=64)),
        ('nsfw', models.CharField(choices=NSFW, default='unknown', max_length=7)),
        ('house_nsfw', models.CharField(choices=NSFW, default='unknown', max_length=7)),
        ('house_score', models.FloatField(null=True)),
        ('check_at', models.DateTimeField(null=True)),
        ('verdict', models.CharField(choices=VERDICTS, default='undecided', max_length=20)),
        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
        ('saved_at', models.DateTimeField(null=True)),
        ('trashed_at', models.DateTimeField(null=True)),
        ('gone_at', models.DateTimeField(null=True)),
        ('remove_at', models.DateTimeField(null=True)),
        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='clips', to='jobs.job')),
        ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clips', to='projects.project')),
        ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
        ('trashed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
    ],
    options={
        'indexes': [
            models.Index(fields=['team', 'verdict', '-id'], name='clip_by_verdict'),
            models.Index(fields=['team', '-id'], name='clip_of_team'),
            models.Index(condition=models.Q(('next_step_at__isnull', False)), fields=['next_step_at'], name='clip_to_save'),
            models.Index(condition=models.Q(('check_at__isnull', False)), fields=['check_at'], name='clip_to_check'),
            models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['team', '-trashed_at', '-id'], name='clip_in_trash'),
            models.Index(condition=models.Q(('remove_at__isnull', False)), fields=['remove_at'], name='clip_to_remove'),
        ],
        'constraints': [
            models.UniqueConstraint(fields=('job', 'number'), name='clip_number_once_per_job'),
            models.CheckConstraint(condition=models.Q(('nsfw__in', ['clear', 'flagged', 'unknown'])), name='clip_nsfw_is_known'),
            models.CheckConstraint(condition=models.Q(('verdict__in', ['undecided', 'approved', 'changes_requested'])), name='clip_verdict_is_known'),
            models.CheckConstraint(condition=models.Q(('gone_at', None), ('trashed_at__isnull', False), _connector='OR'), name='clip_is_gone_by_way_of_the_trash'),
        ],
    },
)


def move_here(apps, schema_editor):
    schema_editor.alter_db_table(apps.get_model("jobs", "Clip"), "jobs_clip", "clips_clip")


def move_back(apps, schema_editor):
    schema_editor.alter_db_table(apps.get_model("jobs", "Clip"), "clips_clip", "jobs_clip")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('jobs', '0016_field_names'),
        ('projects', '0005_originals'),
        ('teams', '0008_trash_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(move_here, move_back)],
            state_operations=[CLIP],
        ),
    ]
