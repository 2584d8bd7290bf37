"""What a job of unknown price cost can be said afterwards, by a line of its own."""

import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models


def fold(apps, schema_editor):
    """On the way back, what was said becomes what was charged: the sums stay as they are."""
    lines = apps.get_model("budgets", "Line")._base_manager
    for told in lines.filter(kind="stated"):
        charges = lines.filter(order=told.order, sending=told.sending, kind="charge")
        charges.update(usd=told.usd, spent=told.usd)
    lines.filter(kind="stated").delete()


class Migration(migrations.Migration):

    dependencies = [("budgets", "0003_live_prices")]

    operations = [
        migrations.RemoveConstraint(
            model_name='line',
            name='line_kind_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='line',
            name='line_signs_fit_its_kind',
        ),
        migrations.AlterField(
            model_name='line',
            name='kind',
            field=models.CharField(choices=[('hold', 'Hold'), ('charge', 'Charge'), ('void', 'Void'), ('refund', 'Refund'), ('missed', 'Missed refund'), ('stated', 'Cost found out')], max_length=6),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['hold', 'charge', 'void', 'refund', 'missed', 'stated'])), name='line_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('held', django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12))), ('kind', 'hold'), ('spent', 0)), models.Q(('held__lte', 0), ('kind', 'charge'), ('spent', django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12)))), models.Q(('held', models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12)), '*', models.Value(-1)), output_field=models.DecimalField(decimal_places=4, max_digits=12))), ('kind', 'void'), ('spent', 0)), models.Q(('held', 0), ('kind', 'refund'), ('spent', models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12)), '*', models.Value(-1)), output_field=models.DecimalField(decimal_places=4, max_digits=12)))), models.Q(('held', 0), ('kind', 'missed'), ('spent', django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12)))), models.Q(('held', 0), ('kind', 'stated'), ('spent', django.db.models.functions.comparison.Coalesce(models.F('usd'), models.Value(0), output_field=models.DecimalField(decimal_places=4, max_digits=12))), ('usd__isnull', False)), _connector='OR'), name='line_signs_fit_its_kind'),
        ),
        migrations.RunPython(migrations.RunPython.noop, fold),
    ]
