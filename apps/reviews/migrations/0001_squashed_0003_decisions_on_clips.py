"""The tables of budgets, clips, jobs and reviews, for a new installation.

The single migrations of these rooms wait for each other in turn: only together they can be replaced.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from apps.budgets.migrations import _tables as budgets
from apps.clips.migrations import _tables as clips
from apps.core.squashing import Tables
from apps.jobs.migrations import _tables as jobs

TABLES = [
    migrations.CreateModel(
        name='Decision',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('verdict', models.CharField(choices=[('undecided', 'In review'), ('approved', 'Approved'), ('changes_requested', 'Changes requested')], max_length=20, verbose_name='decision')),
            ('note', models.TextField(blank=True, max_length=2000, verbose_name='note')),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ('clip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='clips.clip')),
            ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
            ('mentions', models.JSONField(default=list, editable=False)),
        ],
        options={
            'indexes': [models.Index(fields=['clip', '-id'], name='decision_of_clip')],
            'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['undecided', 'approved', 'changes_requested'])), name='decision_verdict_is_known')],
        },
    ),
]


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('budgets', '0001_initial'),
        ('budgets', '0002_events_of_budgets'),
        ('budgets', '0003_live_prices'),
        ('budgets', '0004_costs_told_afterwards'),
        ('budgets', '0005_ledger_entries'),
        ('budgets', '0006_ledger_entry_checks'),
        ('budgets', '0007_price_variants'),
        ('budgets', '0008_plain_words'),
        ('clips', '0001_initial'),
        ('clips', '0002_made_by'),
        ('clips', '0003_clips_without_jobs'),
        ('jobs', '0001_initial'),
        ('jobs', '0002_lanes_sendings_chains'),
        ('jobs', '0003_fill_lanes_and_ledger'),
        ('jobs', '0004_every_account_has_a_lane'),
        ('jobs', '0005_close_what_is_saved'),
        ('jobs', '0006_a_chain_has_no_take'),
        ('jobs', '0007_pulses'),
        ('jobs', '0008_events_of_jobs'),
        ('jobs', '0009_numbered_accounts'),
        ('jobs', '0010_forgotten_at_the_vendor'),
        ('jobs', '0011_trash'),
        ('jobs', '0012_calls_reach_us'),
        ('jobs', '0013_calls_reach_accounts'),
        ('jobs', '0014_looked_at'),
        ('jobs', '0015_submissions'),
        ('jobs', '0016_field_names'),
        ('jobs', '0017_outputs'),
        ('jobs', '0018_fill_outputs'),
        ('jobs', '0019_tries_and_polls'),
        ('jobs', '0020_vendor_requests'),
        ('jobs', '0021_unverified_job_id'),
        ('reviews', '0001_initial'),
        ('reviews', '0002_mentions'),
        ('reviews', '0003_decisions_on_clips'),
    ]

    dependencies = [
        ('projects', '0006_project_members'),
        ('teams', '0010_plain_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Tables(budgets=budgets.TABLES, clips=clips.TABLES, jobs=jobs.TABLES, reviews=TABLES),
    ]
