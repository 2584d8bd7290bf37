"""The price book: documented prices, then live prices of vendors, then prices set by people.

A price set by a person wins until a person sets another. Live prices are read every ten minutes,
and would otherwise win by being the newest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.budgets.models import Price
from apps.budgets.queries import to_four_places
from apps.core.errors import DomainError
from apps.core.events import record
from apps.teams.models import Member, Team, User
from apps.teams.roles import Permission
from apps.vendors.offer import Offer

PRICE_CEILING_USD = Decimal(
    1_000_000
)  # higher answers are wrong, and no row of a job can hold them


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBookEntry:
    """One entry of the price book: the current price of a model's variant, and its source.

    A variant is the text of the other settings that decide the price (`Offer.variant_for`).
    """

    vendor: str
    vendor_name: str
    model: str
    variant: str  # "" for all variants
    usd: Decimal | None = None
    source: str = ""
    since: datetime | None = None  # None for a documented price
    by: User | None = None
    # the vendor's live price, where a price set by a person wins
    passed_over: Decimal | None = None

    @property
    def key(self) -> str:
        """The value of its form choice."""
        return f"{self.vendor}|{self.model}|{self.variant}"


def price_of(team: Team, offer: Offer, parameters: Mapping[str, object]) -> Decimal | None:
    """Return the price of one job with these parameters, in USD; None if unknown."""
    variant = offer.variant_for(parameters)
    row = _current_rows(team, offer.vendor, offer.model_of(parameters), variant).first()
    if row:
        return row.usd
    tariff = offer.tariff_for(parameters)
    return tariff.usd if tariff else None


def _current_rows(team: Team, vendor: str, model: str, variant: str) -> QuerySet[Price]:
    """Return the current rows, the deciding one first: a person's, of this variant, the newest."""
    rows = Price.objects.filter(team=team, vendor=vendor, model=model, variant__in={variant, ""})
    return rows.filter(valid_from__lte=timezone.now()).order_by(
        "is_live", "-variant", "-valid_from", "-pk"
    )


def price_book(team: Team, offers: Iterable[Offer]) -> list[PriceBookEntry]:
    """Return each model and resolution with its current price, if it has one."""
    rows = Price.objects.filter(team=team, valid_from__lte=timezone.now()).select_related(
        "created_by"
    )
    newest: dict[tuple[str, str, str], Price] = {}
    live: dict[tuple[str, str, str], Decimal] = {}
    for row in rows.order_by("-is_live", "valid_from", "pk"):
        key = row.vendor, row.model, row.variant
        newest[key] = row
        if row.is_live:
            live[key] = row.usd
    book: dict[str, PriceBookEntry] = {}
    for entry in (entry for offer in offers for entry in _documented_entries(offer)):
        key = entry.vendor, entry.model, entry.variant
        found = newest.get(key)
        book.setdefault(entry.key, _entry_of_row(entry, found, live.get(key)) if found else entry)
    return list(book.values())


def _documented_entries(offer: Offer) -> Iterator[PriceBookEntry]:
    """Yield each model and variant that can be ordered, with its documented price if it has one."""
    variants = [offer.variant_for(parameters) for parameters in offer.priced_parameters]
    for model in dict.fromkeys((offer.model, *(offer.models or {}).values())):
        tariffs = {one.variant: one for one in offer.tariffs if one.model == model}
        for variant in tariffs or variants:
            tariff = tariffs.get(variant)
            yield PriceBookEntry(
                vendor=offer.vendor,
                vendor_name=offer.vendor_name,
                model=model,
                variant=variant,
                usd=tariff.usd if tariff else None,
                source=tariff.source if tariff else "",
            )


def _entry_of_row(entry: PriceBookEntry, row: Price, live: Decimal | None) -> PriceBookEntry:
    return PriceBookEntry(
        vendor=entry.vendor,
        vendor_name=entry.vendor_name,
        model=entry.model,
        variant=entry.variant,
        usd=row.usd,
        source=row.source,
        since=row.valid_from,
        by=row.created_by,
        passed_over=None if row.is_live else live,
    )


@transaction.atomic
def set_price(
    member: Member,
    *,
    entry: PriceBookEntry,
    usd: Decimal,
    source: str,
    valid_from: datetime | None = None,
) -> Price:
    """Set a price from now or from a later moment on; past costs do not change."""
    member.require(Permission.SPEND)
    now = timezone.now()
    if valid_from and valid_from < now:
        raise DomainError(_("Choose today or a later day. Past costs don't change."))
    facts = {
        "vendor": entry.vendor,
        "model": entry.model,
        "resolution": entry.variant,
        "usd": str(to_four_places(usd)),
        "source": source,
        "valid_from": str(valid_from or now),
    }
    record("priced", member.team, actor=member.user, **facts)
    return Price.objects.create(
        team=member.team,
        vendor=entry.vendor,
        model=entry.model,
        variant=entry.variant,
        usd=to_four_places(usd),
        valid_from=valid_from or now,
        source=source,
        created_by=member.user,
    )


def record_live_price(
    team: Team, offer: Offer, parameters: Mapping[str, object], usd: Decimal
) -> Price | None:
    """Save the vendor's live price, if it is plausible and differs from the known one."""
    if not (usd.is_finite() and 0 < usd < PRICE_CEILING_USD):
        return None
    price = to_four_places(usd)
    model = offer.model_of(parameters)
    variant = offer.variant_for(parameters)
    known = _current_rows(team, offer.vendor, model, variant).filter(is_live=True).first()
    before = known or offer.tariff_for(parameters)
    if not 0 < price < PRICE_CEILING_USD or (before and before.usd == price):
        return None
    return Price.objects.create(
        team=team,
        vendor=offer.vendor,
        model=model,
        variant=variant,
        is_live=True,
        usd=price,
        source=_("%s, live") % offer.vendor_name,
    )
