"""Clips get the values of the order they were made by; the columns of a download may be empty."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def column(name, field):
    return migrations.AddField(model_name='clip', name=name, field=field)


class Migration(migrations.Migration):

    dependencies = [
        ('clips', '0001_initial'),
        ('reviews', '0003_decisions_on_clips'),
        ('jobs', '0017_outputs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField(model_name='clip', old_name='house_nsfw', new_name='our_nsfw'),
        migrations.RenameField(model_name='clip', old_name='house_score', new_name='our_score'),
        column('image', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='clips', to='projects.image')),
        column('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
        column('order', models.UUIDField(editable=False, null=True)),
        column('take', models.PositiveSmallIntegerField(default=1)),
        column('seed', models.BigIntegerField(null=True)),
        column('cost_usd', models.DecimalField(decimal_places=4, max_digits=10, null=True)),
        column('ordered_at', models.DateTimeField(null=True)),
        column('submitted_at', models.DateTimeField(null=True)),
        column('accepted_at', models.DateTimeField(null=True)),
        column('done_at', models.DateTimeField(null=True)),
        column('inference_ms', models.PositiveIntegerField(null=True)),
        # What 0003 removes can be empty, so that the way back can put it in again.
        migrations.AlterField(model_name='clip', name='number', field=models.PositiveSmallIntegerField(null=True)),
        migrations.AlterField(model_name='clip', name='vendor_url', field=models.TextField(default='')),
    ]
