"""The room's tables as its migrations up to 0008 leave them: for the squashed migration of reviews."""

import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name='Budget',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ('period', models.CharField(choices=[('month', 'Monthly'), ('total', 'Total')], default='month', max_length=5)),
            ('limit_usd', models.DecimalField(decimal_places=4, max_digits=12)),
            ('warn_percent', models.PositiveSmallIntegerField(default=80)),
            ('is_active', models.BooleanField(default=True, editable=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('person', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('project', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
        ],
        options={
            'constraints': [models.CheckConstraint(condition=models.Q(('project', None), ('person', None), _connector='OR'), name='budget_is_of_one_thing'), models.CheckConstraint(condition=models.Q(('period__in', ['month', 'total'])), name='budget_period_is_known'), models.CheckConstraint(condition=models.Q(('limit_usd__gte', 0)), name='budget_is_never_negative'), models.CheckConstraint(condition=models.Q(('warn_percent__range', (1, 100))), name='budget_warns_in_percent'), models.UniqueConstraint(condition=models.Q(('is_active', True), ('person', None), ('project', None)), fields=('team', 'period'), name='budget_once_per_team_and_period'), models.UniqueConstraint(condition=models.Q(('is_active', True), ('project__isnull', False)), fields=('project', 'period'), name='budget_once_per_project_and_period'), models.UniqueConstraint(condition=models.Q(('is_active', True), ('person__isnull', False)), fields=('team', 'person', 'period'), name='budget_once_per_person_and_period')],
        },
    ),
    migrations.CreateModel(
        name='Price',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('vendor', models.CharField(max_length=20)),
            ('model', models.CharField(max_length=80)),
            ('usd', models.DecimalField(decimal_places=4, max_digits=12)),
            ('valid_from', models.DateTimeField(default=django.utils.timezone.now)),
            ('source', models.CharField(max_length=200)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
            ('is_live', models.BooleanField(default=False)),
            ('variant', models.CharField(blank=True, max_length=80)),
        ],
        options={
            'indexes': [models.Index(fields=['team', 'vendor', 'model', '-valid_from'], name='price_now')],
            'constraints': [models.CheckConstraint(condition=models.Q(('usd__gte', 0)), name='price_is_never_negative')],
        },
    ),
    migrations.CreateModel(
        name='LedgerEntry',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('order', models.UUIDField()),
            ('kind', models.CharField(choices=[('hold', 'Hold'), ('charge', 'Charge'), ('void', 'Void'), ('refund', 'Refund'), ('refund_missing', 'Refund missing'), ('corrected', 'Cost entered')], max_length=14)),
            ('usd', models.DecimalField(decimal_places=4, max_digits=12, null=True)),
            ('held', models.DecimalField(decimal_places=4, max_digits=12)),
            ('spent', models.DecimalField(decimal_places=4, max_digits=12)),
            ('vendor', models.CharField(max_length=20)),
            ('account', models.CharField(max_length=80)),
            ('model', models.CharField(max_length=80)),
            ('why', models.TextField(blank=True)),
            ('bought_at', models.DateTimeField()),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='projects.project')),
            ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.team')),
            ('submission_number', models.PositiveSmallIntegerField()),
            ('variant', models.CharField(blank=True, max_length=80)),
        ],
        options={
            'indexes': [models.Index(fields=['team', '-id'], name='ledger_entry_of_team'), models.Index(fields=['team', 'bought_at'], name='ledger_entry_by_month')],
            'constraints': [models.UniqueConstraint(fields=('order', 'submission_number', 'kind'), name='ledger_entry_once_per_submission_and_kind'), models.CheckConstraint(condition=models.Q(('kind__in', ['hold', 'charge', 'void', 'refund', 'refund_missing', 'corrected'])), name='ledger_entry_kind_is_known'), models.CheckConstraint(condition=models.Q(('usd__gte', 0)), name='ledger_entry_is_never_negative'), models.CheckConstraint(condition=models.Q(('submission_number__gte', 1)), name='ledger_entry_submission_counts_from_one'), models.CheckConstraint(condition=models.Q(models.Q(('held', django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12))), ('kind', 'hold'), ('spent', 0)), models.Q(('held__lte', 0), ('kind', 'charge'), ('spent', django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12)))), models.Q(('held', models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12)), '*', models.Value(-1)), output_field=models.DecimalField(decimal_places=4, max_digits=12))), ('kind', 'void'), ('spent', 0)), models.Q(('held', 0), ('kind', 'refund'), ('spent', models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12)), '*', models.Value(-1)), output_field=models.DecimalField(decimal_places=4, max_digits=12)))), models.Q(('held', 0), ('kind', 'refund_missing'), ('spent', django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12)))), models.Q(('held', 0), ('kind', 'corrected'), ('spent', django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12))), ('usd__isnull', False)), _connector='OR'), name='ledger_entry_signs_fit_its_kind')],
        },
    ),
]
