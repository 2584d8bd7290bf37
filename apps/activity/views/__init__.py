"""Pages of the log, of notices and their settings, and of webhooks."""

from apps.activity.views.live import bell, stream
from apps.activity.views.log import log, log_csv, log_json
from apps.activity.views.notices import mark_read, notices, people
from apps.activity.views.preferences import preferences, unsubscribe
from apps.activity.views.webhooks import (
    delete_webhook,
    redeliver,
    test_webhook,
    webhook,
    webhooks,
)

__all__ = [
    "bell",
    "delete_webhook",
    "log",
    "log_csv",
    "log_json",
    "mark_read",
    "notices",
    "people",
    "preferences",
    "redeliver",
    "stream",
    "test_webhook",
    "unsubscribe",
    "webhook",
    "webhooks",
]
