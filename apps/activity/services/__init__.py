"""Actions of people on webhooks, mentions and notices."""

from apps.activity.services.mentioning import mention
from apps.activity.services.notices import mark_read, save_preferences, unsubscribe
from apps.activity.services.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    redeliver,
    send_test,
)

__all__ = [
    "change_webhook",
    "create_webhook",
    "delete_webhook",
    "mark_read",
    "mention",
    "redeliver",
    "save_preferences",
    "send_test",
    "unsubscribe",
]
