"""Forms for vendor accounts."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.outbound import FetchRefused, FetchTryLater, check_address
from apps.jobs.models import VendorAccount
from apps.vendors.registry import all_offers, offer_of

SANDBOX_ONLY = _(
    "A gateway on this machine or in a private network has to be allowed by whoever runs this site."
)


class AccountForm(forms.Form):
    """A vendor, the form of request its account speaks, and the key it gave you."""

    offer = forms.ChoiceField(label=_("Vendor"), choices=lambda: [*_offers()])
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What your team calls this account.")
    )
    base_url = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=200,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text=_(
            "Only for a gateway of the same kind elsewhere. Leave it empty for the vendor's own."
        ),
    )
    key = forms.CharField(
        label=_("API key"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "Stored encrypted and never shown again. Only its last four letters stay visible."
        ),
    )

    warning = ""

    def clean_base_url(self) -> str:
        """Return the address; a forbidden one is refused, an unknown one gets a warning."""
        address: str = self.cleaned_data["base_url"]
        if not address:
            return ""
        try:
            check_address(address)
        except FetchRefused as fault:
            raise forms.ValidationError([str(fault), SANDBOX_ONLY]) from None
        except FetchTryLater as fault:
            self.warning = (
                gettext("%s If it is right, orders go out as soon as it can be reached.") % fault
            )
        return address

    def account(self) -> dict[str, Any]:
        """Return what connect_account() wants to know."""
        kind, _slash, version = self.cleaned_data["offer"].partition("/")
        base_url = self.cleaned_data["base_url"] or offer_of(kind, version).base_url
        given = {name: self.cleaned_data[name] for name in ("name", "key")}
        return given | {"kind": kind, "schema_version": version, "base_url": base_url}


def _offers() -> Iterator[tuple[str, str]]:
    for kind, offers in all_offers().items():
        for offer in offers:
            name = f"{offer.vendor_name} · {offer.schema_name}"
            yield f"{kind}/{offer.schema_version}", name


class LimitsForm(forms.Form):
    """The vendor's limits for an account, set by a tier or one by one, and when to warn."""

    orders_per_minute = forms.IntegerField(
        label=_("Orders per minute"), min_value=0, max_value=100_000, help_text=_("0: no limit.")
    )
    in_flight = forms.IntegerField(
        label=_("Jobs at once"),
        min_value=0,
        max_value=100_000,
        help_text=_("0: no limit."),
    )
    moderation_limit = forms.IntegerField(
        label=_("Warn at moderated jobs per day"),
        min_value=1,
        max_value=10_000,
        help_text=_("Vendors suspend accounts that are moderated too often."),
    )

    def __init__(self, account: VendorAccount, data: Mapping[str, Any] | None = None) -> None:
        self.account, self.tiers = account, account.offer.tiers
        stands = {name: getattr(account.lane, name) for name in ("orders_per_minute", "in_flight")}
        super().__init__(
            self._with_tier(data),
            initial=stands | {"moderation_limit": account.moderation_limit},
            auto_id=f"id_{account.pk}_%s",  # a page shows one such form for each account
        )

    def _with_tier(self, data: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if data is None:
            return None
        given = {name: data.get(name, "") for name in self.base_fields}
        tier = next((one for one in self.tiers if one.name == data.get("tier")), None)
        limits = (
            {"orders_per_minute": tier.orders_per_minute, "in_flight": tier.in_flight}
            if tier
            else {}
        )
        return given | limits
