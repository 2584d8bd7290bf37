"""The team's account at a vendor."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.events import About
from apps.core.secrets import seal, unseal
from apps.jobs.models.lanes import Lane, fingerprint_of
from apps.teams.scoping import TeamOwned, scoped_manager
from apps.vendors.offer import Offer
from apps.vendors.registry import get_vendor, offer_of
from apps.vendors.types import Vendor

NOTED_EVERY, TRUSTED = timedelta(seconds=10), timedelta(minutes=1)


class VendorAccount(TeamOwned):
    """A team's account at a vendor: its address, its key and its lane."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("vendor"), max_length=20)
    # Which generation of the vendor's request this account speaks; "" is the vendor's first.
    schema_version = models.CharField(_("request form"), max_length=10, blank=True)
    base_url = models.URLField(_("address"), blank=True)
    sealed_key = models.TextField(editable=False, blank=True)
    key_hint = models.CharField(max_length=4, editable=False, blank=True)
    sealed_webhook_secret = models.TextField(editable=False, blank=True)
    lane = models.ForeignKey(
        Lane, on_delete=models.PROTECT, related_name="accounts", editable=False
    )
    # Its addresses may be private ones, which only an operator allows. The sandbox of this
    # installation has no key here: its address and key come from the environment at every start.
    is_sandbox = models.BooleanField(default=False, editable=False)
    is_open = models.BooleanField(_("takes orders"), default=True)
    # After so many moderated jobs a day we warn, before the vendor restricts the account.
    moderation_limit = models.PositiveIntegerField(
        _("moderated jobs a day before we warn"), default=10
    )
    balance = models.DecimalField(max_digits=12, decimal_places=4, null=True, editable=False)
    balance_at = models.DateTimeField(null=True, editable=False)
    # When balance, prices and webhook secret are fetched again.
    refresh_at = models.DateTimeField(default=timezone.now, editable=False)
    # When a webhook of this account last proved true, to within NOTED_EVERY.
    webhook_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["VendorAccount"]] = scoped_manager(models.Manager)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="account_name_once_per_team")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> About:
        """Itself, as events are about it: its own `kind` is the vendor's."""
        return About("account", self.team_id, self.public_id)

    @property
    def receives_webhooks(self) -> bool:
        """Whether webhooks of this account reach us, so that polls only replace lost ones."""
        age = timezone.now() - self.webhook_at if self.webhook_at else TRUSTED
        return timedelta() <= age < TRUSTED  # a clock may have been set back

    @classmethod
    def note_webhooks(cls, account_ids: Collection[int]) -> None:
        """Note that webhooks with news have come for jobs at these accounts."""
        now = timezone.now()
        noted = models.Q(webhook_at__gt=now - NOTED_EVERY, webhook_at__lte=now)
        cls.objects.filter(pk__in=account_ids).exclude(noted).update(webhook_at=now)

    def set_key(self, key: str) -> None:
        """Store `key` sealed and its last four letters in clear; join the lane of that key."""
        self.sealed_key, self.key_hint = seal(key), key[-4:]
        self.lane = self._lane_for(fingerprint_of(self.kind, self.base_url, key))

    def use_sandbox(self) -> None:
        """Make this the account at the sandbox on this machine."""
        self.is_sandbox = True
        self.lane = self._lane_for(f"sandbox {self.kind}")

    def _lane_for(self, fingerprint: str) -> Lane:
        tier = None if self.is_sandbox else next(iter(self.offer.tiers), None)
        limits = (
            {"orders_per_minute": tier.orders_per_minute, "in_flight": tier.in_flight}
            if tier
            else {}
        )
        lane, _made = Lane.objects.get_or_create(
            fingerprint=fingerprint, defaults={"kind": self.kind, **limits}
        )
        return lane

    @property
    def offer(self) -> Offer:
        """The offer of this vendor to this account."""
        return offer_of(self.kind, self.schema_version)

    @property
    def webhook_secrets(self) -> list[str]:
        """The secrets that may have signed this account's webhooks."""
        return [unseal(self.sealed_webhook_secret)] if self.sealed_webhook_secret else []

    def vendor(self, schema_version: str = "") -> Vendor:
        """Return a client for this account, in its own schema version or that of an older order."""
        if self.is_sandbox and not self.sealed_key:
            base_url, api_key = settings.SANDBOX_URL, settings.SANDBOX_KEY
        else:
            base_url, api_key = self.base_url, unseal(self.sealed_key)
        return get_vendor(
            self.kind,
            base_url=base_url,
            api_key=api_key,
            schema_version=schema_version or self.schema_version,
            allow_private=self.is_sandbox,
        )
