"""The room's tables as its migrations up to 0003 leave them: for the squashed migration of reviews."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
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
            ('is_joined', models.BooleanField(default=False)),
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
            ('nsfw', models.CharField(choices=[('clear', 'Clear'), ('flagged', 'Flagged'), ('unknown', 'Unknown')], default='unknown', max_length=7)),
            ('check_at', models.DateTimeField(null=True)),
            ('verdict', models.CharField(choices=[('undecided', 'In review'), ('approved', 'Approved'), ('changes_requested', 'Changes requested')], default='undecided', max_length=20)),
            ('saved_at', models.DateTimeField()),
            ('trashed_at', models.DateTimeField(null=True)),
            ('gone_at', models.DateTimeField(null=True)),
            ('remove_at', models.DateTimeField(null=True)),
            ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clips', to='projects.project')),
            ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
            ('trashed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('our_nsfw', models.CharField(choices=[('clear', 'Clear'), ('flagged', 'Flagged'), ('unknown', 'Unknown')], default='unknown', max_length=7)),
            ('our_score', models.FloatField(null=True)),
            ('image', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='clips', to='projects.image')),
            ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('order', models.UUIDField(editable=False, null=True)),
            ('take', models.PositiveSmallIntegerField(default=1)),
            ('seed', models.BigIntegerField(null=True)),
            ('cost_usd', models.DecimalField(decimal_places=4, max_digits=10, null=True)),
            ('ordered_at', models.DateTimeField(null=True)),
            ('submitted_at', models.DateTimeField(null=True)),
            ('accepted_at', models.DateTimeField(null=True)),
            ('done_at', models.DateTimeField(null=True)),
            ('inference_ms', models.PositiveIntegerField(null=True)),
        ],
        options={
            'indexes': [models.Index(fields=['team', 'verdict', '-id'], name='clip_by_verdict'), models.Index(fields=['team', '-id'], name='clip_of_team'), models.Index(condition=models.Q(('check_at__isnull', False)), fields=['check_at'], name='clip_to_check'), models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['team', '-trashed_at', '-id'], name='clip_in_trash'), models.Index(condition=models.Q(('remove_at__isnull', False)), fields=['remove_at'], name='clip_to_remove')],
            'constraints': [models.CheckConstraint(condition=models.Q(('nsfw__in', ['clear', 'flagged', 'unknown'])), name='clip_nsfw_is_known'), models.CheckConstraint(condition=models.Q(('verdict__in', ['undecided', 'approved', 'changes_requested'])), name='clip_verdict_is_known'), models.CheckConstraint(condition=models.Q(('gone_at', None), ('trashed_at__isnull', False), _connector='OR'), name='clip_is_gone_by_way_of_the_trash'), models.UniqueConstraint(fields=('order', 'is_joined', 'take'), name='clip_once_per_take')],
        },
    ),
]
