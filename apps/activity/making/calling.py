"""Calling a team's hooks: what is said, how it is signed, and what follows when nobody answers."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.lines import path_of, words_of
from apps.activity.models import Delivery, Event, Hook
from apps.activity.states import Fate, Style
from apps.activity.subjects import from_outside, project_names
from apps.activity.topics import TEST, Topic
from apps.core.errors import DomainError
from apps.core.events import record
from apps.core.outbound import FetchError, PostResult, post
from apps.core.secrets import unseal
from apps.teams.models import Team

Post = Callable[..., PostResult]  # apps.core.outbound.post, or what stands in for it
# Pauses between tries, in seconds: a day in all.
PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
OFF_AFTER = timedelta(days=3)  # of nothing coming through
AT_ONCE = 2  # calls under way: somebody's slow server must not hold up the orders beside it
PATIENCE = 10.0  # seconds
CLAIM = timedelta(seconds=30)  # longer than a call can take
GONE = (
    # “The webhook endpoint is gone”: switch it off (Standard Webhooks, “Delivery success and
    # failure”)
    410
)


def message_of(hook: Hook, topic: Topic, event: Event) -> str:
    """Return what a hook is told of an event: short words and a link; no prompt, no key, no vendor's address."""
    link = from_outside(event.team, path_of(event))
    words = words_of(topic, event, project_names([event.project_id]))
    if hook.style == Style.SLACK:
        return json.dumps(
            {"text": f"*{_slack(event.team.name)}*: {_slack(words)} <{_slack(link)}|mjweb>"}
        )
    return json.dumps(
        {
            "type": topic.key,
            "timestamp": _iso(event.created_at),
            "data": {
                "team": event.team.name,
                "kind": event.subject_kind,
                "id": str(event.subject_id),
                "link": link,
                "words": words,
            },
        }
    )


def trial_message(hook: Hook, team: Team, now: datetime) -> str:
    """Return what a hook is told to see whether it works."""
    words = _("A test of the hook “%s”. It works.") % hook.name
    if hook.style == Style.SLACK:
        return json.dumps({"text": f"*{_slack(team.name)}*: {_slack(words)}"})
    return json.dumps(
        {"type": TEST, "timestamp": _iso(now), "data": {"team": team.name, "words": words}}
    )


def _slack(text: str) -> str:
    """Escape what Slack takes for its own (“Escaping text”): &, < and >."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """Sign a message as Standard Webhooks do: HMAC-SHA256 over its id, its time and its body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def claim_calls(now: datetime) -> list[int]:
    """Return the deliveries to be tried now, each to one caller only, and few at a time."""
    waiting = Delivery.objects.filter(fate=Fate.WAITING, next_at__lte=now)
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    room = AT_ONCE - waiting.filter(claimed_until__gt=now).count()
    until = now + max(settings.CLAIM, CLAIM)
    due = waiting.filter(free).order_by("next_at").values_list("pk", flat=True)[: AT_ONCE * 2]
    claimed = (
        pk
        for pk in due
        if Delivery.objects.filter(free, pk=pk, next_at__lte=now).update(claimed_until=until)
    )
    return list(islice(claimed, max(0, room)))


def call(delivery: Delivery, now: datetime | None = None, *, send: Post = post) -> None:
    """Try a delivery once, through the door `send`, and write down what came of it."""
    now = now or timezone.now()
    if delivery.fate != Fate.WAITING:
        return
    status, answer = _posted(delivery.hook, delivery, int(now.timestamp()), send)
    with transaction.atomic():
        if 200 <= status < 300:
            _came_through(delivery, status, answer, now)
        else:
            _failed(delivery, status, answer, now)


def _posted(hook: Hook, delivery: Delivery, timestamp: int, send: Post) -> tuple[int, str]:
    """Send the message; return the status, 0 where there was none, and the beginning of the answer."""
    message_id = f"msg_{delivery.public_id.hex}"
    headers = {"Content-Type": "application/json", "User-Agent": "mjweb-hooks/1"}
    try:
        if hook.style == Style.SIGNED:
            headers |= {
                "webhook-id": message_id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": signature(
                    unseal(hook.sealed_secret), message_id, timestamp, delivery.body
                ),
            }
        reply = send(
            unseal(hook.sealed_url), delivery.body.encode(), headers=headers, timeout=PATIENCE
        )
    except (FetchError, DomainError) as fault:
        return 0, str(fault)[:200]
    return reply.status, reply.text.replace("\x00", "").strip()[:200]


def _came_through(delivery: Delivery, status: int, answer: str, now: datetime) -> None:
    facts = {"fate": Fate.SENT, "next_at": None, "done_at": now}
    _note(delivery, status, answer, facts)
    Hook.objects.filter(pk=delivery.hook_id).update(failing_since=None)


def _failed(delivery: Delivery, status: int, answer: str, now: datetime) -> None:
    Hook.objects.filter(pk=delivery.hook_id, failing_since=None).update(failing_since=now)
    tries_left = delivery.tries < len(PAUSES) and delivery.topic != TEST and status != GONE
    facts: dict[str, Any]
    if tries_left:
        facts = {"next_at": now + timedelta(seconds=PAUSES[delivery.tries])}
    else:
        facts = {"fate": Fate.GIVEN_UP, "next_at": None, "done_at": now}
    _note(delivery, status, answer, facts)
    hook = Hook.objects.select_related("team").get(pk=delivery.hook_id)
    for_days = hook.failing_since is not None and hook.failing_since <= now - OFF_AFTER
    if (for_days or status == GONE) and Hook.objects.filter(pk=hook.pk, is_on=True).update(
        is_on=False
    ):
        record("hook_failed", hook, name=hook.name)


def _note(delivery: Delivery, status: int, answer: str, facts: Mapping[str, Any]) -> None:
    here = Delivery.objects.filter(pk=delivery.pk, fate=Fate.WAITING)
    here.update(
        tries=F("tries") + 1, status=status or None, answer=answer, claimed_until=None, **facts
    )
