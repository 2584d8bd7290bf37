"""A clip needs no job any more: what is still to be downloaded is an output of the jobs room."""

from django.db import migrations, models


def without(name):
    return migrations.RemoveField(model_name='clip', name=name)


class Migration(migrations.Migration):

    dependencies = [
        ('clips', '0002_made_by'),
        ('jobs', '0018_fill_outputs'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='clip', name='clip_number_once_per_job'),
        migrations.RemoveIndex(model_name='clip', name='clip_to_save'),
        without('job'),
        without('number'),
        without('vendor_url'),
        without('next_step_at'),
        without('attempts'),
        without('fault'),
        without('lost_at'),
        without('created_at'),
        migrations.AlterField(model_name='clip', name='saved_at', field=models.DateTimeField()),
        migrations.AddConstraint(
            model_name='clip',
            constraint=models.UniqueConstraint(fields=('order', 'is_joined', 'take'), name='clip_once_per_take'),
        ),
    ]
