"""Writing down what happened, and what a person can do about being told of it."""

from apps.activity.recording import About, Subject, record, record_all
from apps.activity.services.hooks import change_hook, make_hook, redeliver, remove_hook, send_test
from apps.activity.services.mentioning import mention
from apps.activity.services.notices import leave_topic, mark_read, prefer

__all__ = [
    "About",
    "Subject",
    "change_hook",
    "leave_topic",
    "make_hook",
    "mark_read",
    "mention",
    "prefer",
    "record",
    "record_all",
    "redeliver",
    "remove_hook",
    "send_test",
]
