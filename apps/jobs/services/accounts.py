"""Connecting vendors and setting how much they may be asked."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.database import after_commit
from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.models import Lane, VendorAccount
from apps.jobs.tasks import dispatch_refreshes
from apps.teams.models import Member
from apps.teams.roles import Permission
from apps.vendors.registry import offer_of


@transaction.atomic
def connect_account(
    member: Member, *, name: str, kind: str, key: str, base_url: str, schema_version: str = ""
) -> VendorAccount:
    """Connect a vendor; the key is sealed before it is stored and never shown again."""
    member.require(Permission.CONNECT)
    if VendorAccount.objects.filter(name=name).exists():
        raise DomainError(_("An account with this name already exists."))
    offer_of(kind, schema_version)
    account = VendorAccount(
        team=member.team, name=name, kind=kind, base_url=base_url, schema_version=schema_version
    )
    account.set_key(key)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:  # the same name, a moment earlier
        raise DomainError(_("An account with this name already exists.")) from None
    record(
        "connected",
        account.subject,
        actor=member.user,
        name=name,
        vendor=kind,
        key=f"…{account.key_hint}",
    )
    after_commit(dispatch_refreshes)
    return account


@transaction.atomic
def set_open(member: Member, account: VendorAccount, *, is_open: bool) -> None:
    """Let an account take orders, or not; jobs already ordered are followed to their end."""
    member.require(Permission.CONNECT)
    if VendorAccount.objects.filter(pk=account.pk, is_open=not is_open).update(is_open=is_open):
        record(
            "unlocked" if is_open else "locked",
            account.subject,
            actor=member.user,
            name=account.name,
        )


@transaction.atomic
def set_limits(
    member: Member,
    account: VendorAccount,
    *,
    orders_per_minute: int,
    in_flight: int,
    moderation_limit: int,
) -> None:
    """Set the limits of a key, 0 for none: orders a minute, jobs at a time, moderated jobs a day.

    The first two hold for the key, so for every account that shares it.
    """
    member.require(Permission.CONNECT)
    Lane.objects.filter(pk=account.lane_id).update(
        orders_per_minute=orders_per_minute, in_flight=in_flight
    )
    VendorAccount.objects.filter(pk=account.pk).update(moderation_limit=moderation_limit)
    limits = [orders_per_minute, in_flight, moderation_limit]
    record("limited", account.subject, actor=member.user, name=account.name, limits=limits)


def refresh_now(member: Member, account: VendorAccount) -> None:
    """Have the vendor asked for balance and prices right away."""
    member.require(Permission.CONNECT)
    VendorAccount.objects.filter(pk=account.pk).update(refresh_at=timezone.now())
    after_commit(dispatch_refreshes)
