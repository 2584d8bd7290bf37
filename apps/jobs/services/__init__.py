"""What a person can do with jobs, chains and vendor accounts. Views call these and nothing else."""

from apps.jobs.services.accounts import connect_account, set_limits, set_open, tend_now
from apps.jobs.services.actions import (
    cancel,
    fetch_now,
    forget,
    give_up,
    look_again,
    send_again,
    set_urgent,
    set_verdict,
    settle,
    stop_fetching,
    take_note_of_late,
)
from apps.jobs.services.chains import choose_take, extend, retry, stop_chain
from apps.jobs.services.ordering import OrderedTwice, order, price_of
from apps.jobs.services.webhooks import Call, hear_calls, hinted, name_at_vendor

__all__ = [
    "Call",
    "OrderedTwice",
    "cancel",
    "choose_take",
    "connect_account",
    "extend",
    "fetch_now",
    "forget",
    "give_up",
    "hear_calls",
    "hinted",
    "look_again",
    "name_at_vendor",
    "order",
    "price_of",
    "retry",
    "send_again",
    "set_limits",
    "set_open",
    "set_urgent",
    "set_verdict",
    "settle",
    "stop_chain",
    "stop_fetching",
    "take_note_of_late",
    "tend_now",
]
