"""What a person can do about webhooks, mentions and notices."""

from apps.activity.services.hooks import change_hook, make_hook, redeliver, remove_hook, send_test
from apps.activity.services.mentioning import mention
from apps.activity.services.notices import leave_topic, mark_read, prefer

__all__ = [
    "change_hook",
    "leave_topic",
    "make_hook",
    "mark_read",
    "mention",
    "prefer",
    "redeliver",
    "remove_hook",
    "send_test",
]
