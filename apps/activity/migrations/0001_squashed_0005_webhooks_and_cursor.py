"""The room's tables as its single migrations leave them, for a new installation."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def begin_fan_out(apps, schema_editor):
    apps.get_model("activity", "FanOutCursor")._base_manager.get_or_create(pk=1)


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('activity', '0001_initial'),
        ('activity', '0002_origin_and_project'),
        ('activity', '0003_notices_and_hooks'),
        ('activity', '0004_begin_telling_here'),
        ('activity', '0005_webhooks_and_cursor'),
    ]

    dependencies = [
        ('teams', '0010_plain_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(max_length=40)),
                ('subject_kind', models.CharField(max_length=20)),
                ('subject_id', models.UUIDField()),
                ('facts', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
                ('origin', models.GenericIPAddressField(null=True)),
                ('project_id', models.BigIntegerField(null=True)),
                ('of_person', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['team', '-id'], name='event_of_team'), models.Index(fields=['subject_id', 'id'], name='event_of_subject')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=20)),
                ('in_app', models.BooleanField(default=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('mail_at', models.DateTimeField(null=True)),
                ('mail_tries', models.PositiveSmallIntegerField(default=0)),
                ('mailed_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='activity.event')),
                ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'team', '-id'], name='notice_of_person'), models.Index(condition=models.Q(('in_app', True), ('read_at', None)), fields=['user', 'team'], name='notice_unread'), models.Index(condition=models.Q(('mail_at__isnull', False)), fields=['mail_at'], name='notice_to_mail')],
                'constraints': [models.UniqueConstraint(fields=('event', 'user'), name='notice_once_per_event_and_person')],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=20)),
                ('in_app', models.BooleanField(default=True)),
                ('mail', models.CharField(choices=[('never', 'Never'), ('now', 'At once'), ('hourly', 'Every hour'), ('daily', 'Once a day, at 8:00')], max_length=6)),
                ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'user', 'topic'), name='preference_once_per_topic'), models.CheckConstraint(condition=models.Q(('mail__in', ['never', 'now', 'hourly', 'daily'])), name='preference_pace_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('style', models.CharField(choices=[('slack', 'Slack, or compatible'), ('signed', 'Signed (Standard Webhooks)')], default='slack', max_length=6, verbose_name='kind')),
                ('sealed_url', models.TextField(editable=False)),
                ('host', models.CharField(editable=False, max_length=255)),
                ('sealed_secret', models.TextField(blank=True, editable=False)),
                ('topics', models.JSONField(default=list)),
                ('is_on', models.BooleanField(default=True, verbose_name='on')),
                ('failing_since', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'name'), name='webhook_name_once_per_team'), models.CheckConstraint(condition=models.Q(('style__in', ['slack', 'signed'])), name='webhook_style_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('topic', models.CharField(max_length=20)),
                ('body', models.TextField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('done_at', models.DateTimeField(null=True)),
                ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='activity.event')),
                ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='activity.webhook')),
                ('http_status', models.PositiveSmallIntegerField(null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Delivered'), ('given_up', 'Given up')], default='waiting', max_length=8)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='delivery_due'), models.Index(fields=['webhook', '-id'], name='delivery_of_webhook')],
                'constraints': [models.UniqueConstraint(fields=('webhook', 'event'), name='delivery_once_per_webhook_and_event'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sent', 'given_up'])), name='delivery_state_is_known')],
            },
        ),
        migrations.CreateModel(
            name='FanOutCursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('claimed_until', models.DateTimeField(default=django.utils.timezone.now)),
                ('done_up_to', models.BigIntegerField(default=0)),
                ('done_above', models.JSONField(default=list)),
            ],
        ),
        migrations.RunPython(begin_fan_out, migrations.RunPython.noop),
    ]
