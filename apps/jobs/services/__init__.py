"""Actions of people on jobs, chains and vendor accounts. Views call nothing else."""

from apps.jobs.services.accounts import connect_account, refresh_now, set_limits, set_open
from apps.jobs.services.actions import (
    cancel,
    delete_at_vendor,
    download_now,
    give_up,
    mark_late_as_seen,
    search_now,
    send_again,
    set_urgent,
    settle,
    stop_downloading,
)
from apps.jobs.services.chains import choose_take, extend, retry, stop_chain
from apps.jobs.services.duplicate_orders import DuplicateOrder
from apps.jobs.services.ordering import (
    ExtensionRequest,
    OrderRequest,
    order,
    order_many,
    price_of,
)
from apps.jobs.services.webhooks import WebhookRequest, name_at_vendor, note_hint, receive_webhooks

__all__ = [
    "DuplicateOrder",
    "ExtensionRequest",
    "OrderRequest",
    "WebhookRequest",
    "cancel",
    "choose_take",
    "connect_account",
    "delete_at_vendor",
    "download_now",
    "extend",
    "give_up",
    "mark_late_as_seen",
    "name_at_vendor",
    "note_hint",
    "order",
    "order_many",
    "price_of",
    "receive_webhooks",
    "refresh_now",
    "retry",
    "search_now",
    "send_again",
    "set_limits",
    "set_open",
    "set_urgent",
    "settle",
    "stop_chain",
    "stop_downloading",
]
