"""The pages about what happened and who is told of it."""

from apps.activity.views.hooks import hook, hooks, redeliver, remove_hook, test_hook
from apps.activity.views.live import bell, stream
from apps.activity.views.log import log, log_csv, log_json
from apps.activity.views.notices import notices, people, read
from apps.activity.views.preferences import preferences, unsubscribe

__all__ = [
    "bell",
    "hook",
    "hooks",
    "log",
    "log_csv",
    "log_json",
    "notices",
    "people",
    "preferences",
    "read",
    "redeliver",
    "remove_hook",
    "stream",
    "test_hook",
    "unsubscribe",
]
