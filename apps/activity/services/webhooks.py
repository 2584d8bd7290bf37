"""Actions of owners on webhooks."""

import secrets
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.models import Delivery, Webhook
from apps.activity.notification_topics import TEST
from apps.activity.states import DeliveryStatus, Style
from apps.activity.workers.webhook_delivery import trial_message
from apps.core.errors import DomainError
from apps.core.events import record
from apps.core.secrets import seal
from apps.teams.models import Member
from apps.teams.roles import Permission


def new_secret() -> str:
    """Return a secret as Standard Webhooks write them."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


@transaction.atomic
def create_webhook(
    member: Member, *, name: str, style: str, url: str, topics: list[str]
) -> tuple[Webhook, str]:
    """Create a webhook; return it with its secret, which is shown this once, "" if unsigned."""
    member.require(Permission.GOVERN)
    secret = new_secret() if style == Style.SIGNED else ""
    webhook = Webhook(
        team=member.team,
        name=name,
        style=style,
        topics=topics,
        created_by=member.user,
        sealed_url=seal(url),
        host=_host(url),
        sealed_secret=seal(secret) if secret else "",
    )
    _save(webhook)
    record("hook_made", webhook, actor=member.user, name=name, host=webhook.host)
    return webhook, secret


@transaction.atomic
def change_webhook(
    member: Member, webhook: Webhook, *, name: str, url: str, topics: list[str], is_on: bool
) -> None:
    """Change a webhook; without a URL it keeps its own. Switching it on clears its failures."""
    member.require(Permission.GOVERN)
    webhook.name = name
    webhook.topics = topics
    if url:
        webhook.sealed_url = seal(url)
        webhook.host = _host(url)
    if is_on and not webhook.is_on:
        webhook.failing_since = None
    webhook.is_on = is_on
    _save(webhook)
    record("hook_changed", webhook, actor=member.user, name=name, host=webhook.host, is_on=is_on)


@transaction.atomic
def delete_webhook(member: Member, webhook: Webhook) -> None:
    """Delete a webhook with its deliveries."""
    member.require(Permission.GOVERN)
    record("hook_removed", webhook, actor=member.user, name=webhook.name)
    webhook.delete()


@transaction.atomic
def send_test(member: Member, webhook: Webhook) -> Delivery:
    """Queue a test message; it is tried once, whether the webhook is on or off."""
    member.require(Permission.GOVERN)
    now = timezone.now()
    record("hook_tested", webhook, actor=member.user, name=webhook.name)
    return Delivery.objects.create(
        team=webhook.team,
        webhook=webhook,
        topic=TEST,
        body=trial_message(webhook, member.team, now),
        next_at=now,
    )


def redeliver(member: Member, delivery: Delivery) -> None:
    """Start the tries of a message again, with the same id for the receiver."""
    member.require(Permission.GOVERN)
    ended = Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryStatus.WAITING)
    again: dict[str, Any] = {"tries": 0, "next_at": timezone.now(), "done_at": None}
    ended.update(state=DeliveryStatus.WAITING, **again)


def _save(webhook: Webhook) -> None:
    try:
        with transaction.atomic():
            webhook.save()
    except IntegrityError:
        raise DomainError(_("A webhook with this name already exists.")) from None


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "")[:255]
