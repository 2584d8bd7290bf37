"""Hooks are webhooks, and the row of the round is the cursor of the fan-out."""

from django.db import migrations, models

STATUSES = [("waiting", "Waiting"), ("sent", "Delivered"), ("given_up", "Given up")]
STYLES = [("slack", "Slack, or compatible"), ("signed", "Signed (Standard Webhooks)")]


class Migration(migrations.Migration):
    dependencies = [("activity", "0004_begin_telling_here")]

    operations = [
        migrations.RemoveConstraint("delivery", "delivery_once_per_hook_and_event"),
        migrations.RemoveConstraint("delivery", "delivery_fate_is_known"),
        migrations.RemoveIndex("delivery", "delivery_of_hook"),
        migrations.RemoveConstraint("hook", "hook_name_once_per_team"),
        migrations.RemoveConstraint("hook", "hook_style_is_known"),
        migrations.RenameModel("Hook", "Webhook"),
        migrations.RenameField("delivery", "hook", "webhook"),
        migrations.RenameField("delivery", "status", "http_status"),
        migrations.RenameField("delivery", "fate", "state"),
        migrations.RenameModel("Told", "FanOutCursor"),
        migrations.RenameField("fanoutcursor", "upto", "done_up_to"),
        migrations.RenameField("fanoutcursor", "seen", "done_above"),
        migrations.AlterField(
            "webhook",
            "style",
            models.CharField(
                choices=STYLES, default="slack", max_length=6, verbose_name="kind"
            ),
        ),
        migrations.AddConstraint(
            "webhook",
            models.UniqueConstraint(fields=["team", "name"], name="webhook_name_once_per_team"),
        ),
        migrations.AddConstraint(
            "webhook",
            models.CheckConstraint(
                condition=models.Q(style__in=[value for value, _label in STYLES]),
                name="webhook_style_is_known"
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.UniqueConstraint(
                fields=["webhook", "event"], name="delivery_once_per_webhook_and_event"
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=models.Q(state__in=[value for value, _label in STATUSES]),
                name="delivery_state_is_known",
            ),
        ),
        migrations.AddIndex(
            "delivery", models.Index(fields=["webhook", "-id"], name="delivery_of_webhook")
        ),
    ]
