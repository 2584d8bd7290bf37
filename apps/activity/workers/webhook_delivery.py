"""Webhook deliveries: the message, its signature, the tries, and what follows failures."""

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

from apps.activity.digest import words_of
from apps.activity.models import Delivery, Event, Webhook
from apps.activity.notification_topics import TEST
from apps.activity.states import DeliveryStatus, Style
from apps.activity.subject_links import from_outside, path_of
from apps.activity.visibility import project_names
from apps.core.errors import DomainError
from apps.core.event_registry import Topic
from apps.core.events import record
from apps.core.outbound import FetchError, PostResult, post
from apps.core.secrets import unseal
from apps.teams.models import Team

Post = Callable[..., PostResult]  # apps.core.outbound.post, or a stand-in of a test
PAUSES_SECONDS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)  # a day in total
SWITCHED_OFF_AFTER = timedelta(days=3)  # without one success
MOST_AT_ONCE = 2  # concurrent deliveries, so that slow servers leave workers to orders
TIMEOUT_SECONDS = 10.0
CLAIM = timedelta(seconds=30)  # longer than a delivery can take
# "The webhook endpoint is gone", so switch it off (Standard Webhooks, "Delivery success and
# failure").
GONE = 410


def message_of(webhook: Webhook, topic: Topic, event: Event) -> str:
    """Return the message about an event: a short text and a link.

    No prompt, no key and no vendor's URL is in it.
    """
    link = from_outside(event.team, path_of(event))
    words = words_of(topic, event, project_names([event.project_id]))
    if webhook.style == Style.SLACK:
        text = f"*{_slack(event.team.name)}*: {_slack(words)} <{_slack(link)}|mjweb>"
        return json.dumps({"text": text})
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


def trial_message(webhook: Webhook, team: Team, now: datetime) -> str:
    """Return the message of a test."""
    words = _("A test of the webhook “%s”. It works.") % webhook.name
    if webhook.style == Style.SLACK:
        return json.dumps({"text": f"*{_slack(team.name)}*: {_slack(words)}"})
    return json.dumps(
        {"type": TEST, "timestamp": _iso(now), "data": {"team": team.name, "words": words}}
    )


def _slack(text: str) -> str:
    """Escape &, < and >, which Slack reads as markup ("Escaping text" in its documentation)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """Sign a message as Standard Webhooks do: HMAC-SHA256 over its id, its time and its body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def claim_due(now: datetime) -> list[int]:
    """Return a few deliveries that are due, each claimed for one worker."""
    waiting = Delivery.objects.filter(state=DeliveryStatus.WAITING, next_at__lte=now)
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    slots = MOST_AT_ONCE - waiting.filter(claimed_until__gt=now).count()
    until = now + max(settings.CLAIM, CLAIM)
    due = waiting.filter(free).order_by("next_at").values_list("pk", flat=True)[: MOST_AT_ONCE * 2]
    claimed = (
        pk
        for pk in due
        if Delivery.objects.filter(free, pk=pk, next_at__lte=now).update(claimed_until=until)
    )
    return list(islice(claimed, max(0, slots)))


def deliver(delivery: Delivery, now: datetime | None = None, *, send: Post = post) -> None:
    """Try a delivery once and record how it went; `send` is what posts it."""
    now = now or timezone.now()
    if delivery.state != DeliveryStatus.WAITING:
        return
    status, answer = _post(delivery.webhook, delivery, int(now.timestamp()), send)
    with transaction.atomic():
        if 200 <= status < 300:
            _record_success(delivery, status, answer, now)
        else:
            _record_failure(delivery, status, answer, now)


def _post(webhook: Webhook, delivery: Delivery, timestamp: int, send: Post) -> tuple[int, str]:
    """Send the message; return the HTTP status, 0 without one, and the start of the answer."""
    message_id = f"msg_{delivery.public_id.hex}"
    headers = {"Content-Type": "application/json", "User-Agent": "mjweb-hooks/1"}
    body = delivery.body
    try:
        if webhook.style == Style.SIGNED:
            secret = unseal(webhook.sealed_secret)
            headers |= {
                "webhook-id": message_id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": signature(secret, message_id, timestamp, body),
            }
        url = unseal(webhook.sealed_url)
        reply = send(url, body.encode(), headers=headers, timeout=TIMEOUT_SECONDS)
    except (FetchError, DomainError) as fault:
        return 0, str(fault)[:200]
    return reply.status, reply.text.replace("\x00", "").strip()[:200]


def _record_success(delivery: Delivery, status: int, answer: str, now: datetime) -> None:
    changes = {"state": DeliveryStatus.SENT, "next_at": None, "done_at": now}
    _record_try(delivery, status, answer, changes)
    Webhook.objects.filter(pk=delivery.webhook_id).update(failing_since=None)


def _record_failure(delivery: Delivery, status: int, answer: str, now: datetime) -> None:
    failing = Webhook.objects.filter(pk=delivery.webhook_id, failing_since=None)
    failing.update(failing_since=now)
    has_tries = delivery.tries < len(PAUSES_SECONDS)
    changes: dict[str, Any]
    if has_tries and delivery.topic != TEST and status != GONE:
        changes = {"next_at": now + timedelta(seconds=PAUSES_SECONDS[delivery.tries])}
    else:
        changes = {"state": DeliveryStatus.GIVEN_UP, "next_at": None, "done_at": now}
    _record_try(delivery, status, answer, changes)
    _switch_off_failing(delivery.webhook_id, now, is_gone=status == GONE)


def _switch_off_failing(number: int, now: datetime, *, is_gone: bool) -> None:
    """Switch a webhook off that has failed for days, or whose receiver is gone."""
    webhook = Webhook.objects.select_related("team").get(pk=number)
    since = webhook.failing_since
    is_failing = since is not None and since <= now - SWITCHED_OFF_AFTER
    on = Webhook.objects.filter(pk=number, is_on=True)
    if (is_failing or is_gone) and on.update(is_on=False):
        record("hook_failed", webhook, name=webhook.name)


def _record_try(delivery: Delivery, status: int, answer: str, changes: Mapping[str, Any]) -> None:
    waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryStatus.WAITING)
    waiting.update(
        tries=F("tries") + 1,
        http_status=status or None,
        answer=answer,
        claimed_until=None,
        **changes,
    )
