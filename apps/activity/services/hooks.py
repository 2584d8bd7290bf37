"""What owners can do with outgoing hooks."""

import secrets
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.making.calling import trial_message
from apps.activity.models import Delivery, Hook
from apps.activity.states import Fate, Style
from apps.activity.topics import TEST
from apps.core.errors import DomainError
from apps.core.events import record
from apps.core.secrets import seal
from apps.teams.models import Member
from apps.teams.roles import Permission


def new_secret() -> str:
    """Return a secret as Standard Webhooks write them."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


@transaction.atomic
def make_hook(
    member: Member, *, name: str, style: str, url: str, topics: list[str]
) -> tuple[Hook, str]:
    """Make a hook; return it with its secret, which is told this once ("" where nothing is signed)."""
    member.require(Permission.GOVERN)
    secret = new_secret() if style == Style.SIGNED else ""
    hook = Hook(
        team=member.team, name=name, style=style, topics=topics, created_by=member.user,
        sealed_url=seal(url), host=_host(url), sealed_secret=seal(secret) if secret else "",
    )  # fmt: skip
    _save(hook)
    record("hook_made", hook, actor=member.user, name=name, host=hook.host)
    return hook, secret


@transaction.atomic
def change_hook(
    member: Member, hook: Hook, *, name: str, url: str, topics: list[str], is_on: bool
) -> None:
    """Change a hook; without an address it keeps the one it has. Switching it on forgives what failed before."""
    member.require(Permission.GOVERN)
    hook.name, hook.topics = name, topics
    if url:
        hook.sealed_url, hook.host = seal(url), _host(url)
    if is_on and not hook.is_on:
        hook.failing_since = None
    hook.is_on = is_on
    _save(hook)
    record("hook_changed", hook, actor=member.user, name=name, host=hook.host, is_on=is_on)


@transaction.atomic
def remove_hook(member: Member, hook: Hook) -> None:
    """Take a hook away, with its deliveries."""
    member.require(Permission.GOVERN)
    record("hook_removed", hook, actor=member.user, name=hook.name)
    hook.delete()


@transaction.atomic
def send_test(member: Member, hook: Hook) -> Delivery:
    """Have a test sent; it is tried once, whether the hook is on or off."""
    member.require(Permission.GOVERN)
    now = timezone.now()
    record("hook_tested", hook, actor=member.user, name=hook.name)
    return Delivery.objects.create(
        team=hook.team,
        hook=hook,
        topic=TEST,
        body=trial_message(hook, member.team, now),
        next_at=now,
    )


def redeliver(member: Member, delivery: Delivery) -> None:
    """Have a message tried again from the start; its id stays, so that the other side knows it."""
    member.require(Permission.GOVERN)
    ended = Delivery.objects.filter(pk=delivery.pk).exclude(fate=Fate.WAITING)
    again: dict[str, Any] = {"tries": 0, "next_at": timezone.now(), "done_at": None}
    ended.update(fate=Fate.WAITING, **again)


def _save(hook: Hook) -> None:
    try:
        with transaction.atomic():
            hook.save()
    except IntegrityError:
        raise DomainError(_("There is a hook of that name already.")) from None


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "")[:255]
