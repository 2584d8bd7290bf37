"""The team's account at a vendor."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.secrets import seal, unseal
from apps.teams.scoping import TeamOwned, scoped
from apps.vendors.registry import get_vendor, offer_of
from apps.vendors.types import Offer, Vendor


class VendorAccount(TeamOwned):
    """Where a team's jobs are ordered, and with whose key."""

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("vendor"), max_length=20)
    base_url = models.URLField(_("address"), blank=True)
    sealed_key = models.TextField(editable=False, blank=True)
    key_hint = models.CharField(max_length=4, editable=False, blank=True)
    # The sandbox lives on this machine: its address and key come from the environment at every start.
    is_sandbox = models.BooleanField(default=False, editable=False)
    is_open = models.BooleanField(_("takes orders"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["VendorAccount"]] = scoped(models.Manager)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="account_name_once_per_team")]

    def __str__(self) -> str:
        return self.name

    def set_key(self, key: str) -> None:
        """Keep `key` sealed, and its last four letters to recognise it by."""
        self.sealed_key, self.key_hint = seal(key), key[-4:]

    @property
    def offer(self) -> Offer:
        """What this vendor sells."""
        return offer_of(self.kind)

    def vendor(self) -> Vendor:
        """Return the client that speaks to this account."""
        if self.is_sandbox:
            return get_vendor(self.kind, base_url=settings.SANDBOX_URL, api_key=settings.SANDBOX_KEY)
        return get_vendor(self.kind, base_url=self.base_url, api_key=unseal(self.sealed_key))
