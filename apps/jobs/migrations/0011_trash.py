"""Clips get a trash. On the way back what lies in it is shown again, and what is gone is lost, as far as 0010 has words."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


GONE = "Somebody threw it away, and it was removed from the trash."


def gone_is_lost(apps, schema_editor):
    """Before there was a trash, a clip without files was one that never came."""
    gone = apps.get_model("jobs", "Clip").objects.filter(gone_at__isnull=False)
    gone.update(lost_at=models.F("gone_at"), saved_at=None, fault=GONE)


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0010_forgotten_at_the_vendor'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='clip',
            name='gone_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='clip',
            name='remove_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='clip',
            name='trashed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='clip',
            name='trashed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='clip',
            index=models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['team', '-trashed_at', '-id'], name='clip_in_trash'),
        ),
        migrations.AddIndex(
            model_name='clip',
            index=models.Index(condition=models.Q(('remove_at__isnull', False)), fields=['remove_at'], name='clip_to_remove'),
        ),
        migrations.AddConstraint(
            model_name='clip',
            constraint=models.CheckConstraint(condition=models.Q(('gone_at', None), ('trashed_at__isnull', False), _connector='OR'), name='clip_is_gone_by_way_of_the_trash'),
        ),
        migrations.RunPython(migrations.RunPython.noop, gone_is_lost),
    ]
