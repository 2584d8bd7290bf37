"""A vendor's one-word state of a job is its status; its sentence about it is its message."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [('jobs', '0022_after_squashing')]
    operations = [
        migrations.RenameField('job', 'vendor_word', 'vendor_status'),
        migrations.RenameField('job', 'vendor_words', 'vendor_message'),
    ]
