"""The price book: what a document says, unless the vendor says otherwise, unless a person does.

What a person set holds until a person sets another: the vendor is asked every ten minutes, and
would win by being the last to speak.
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
from apps.vendors.types import Offer

PRICE_CEILING_USD = Decimal(1_000_000)  # no job costs that much, and no row of a job could hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the price book: what a model costs in a resolution now, since when, and who says so."""

    vendor: str
    vendor_name: str
    model: str
    resolution: str  # "" where it makes no difference
    usd: Decimal | None = None
    source: str = ""
    since: datetime | None = None  # None: a document says so
    by: User | None = None
    # what the vendor says today, where a person's word counts instead
    passed_over: Decimal | None = None

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.vendor}|{self.model}|{self.resolution}"


def price_of(team: Team, offer: Offer, parameters: Mapping[str, object]) -> Decimal | None:
    """Return what one job with these parameters costs the team now, in USD; None when nobody says."""
    resolution = str(parameters.get("resolution", ""))
    row = _current_rows(team, offer.vendor, offer.model_of(parameters), resolution).first()
    if row:
        return row.usd
    tariff = offer.price_of(parameters)
    return tariff.usd if tariff else None


def _current_rows(team: Team, vendor: str, model: str, resolution: str) -> QuerySet[Price]:
    """Return the rows that hold now, the one that counts first: a person's, of this very resolution, the newest."""
    rows = Price.objects.filter(
        team=team, vendor=vendor, model=model, resolution__in={resolution, ""}
    )
    return rows.filter(valid_from__lte=timezone.now()).order_by(
        "is_live", "-resolution", "-valid_from", "-pk"
    )


def price_book(team: Team, offers: Iterable[Offer]) -> list[Entry]:
    """Return everything that has a price, or should have one, with the price that holds now."""
    rows = Price.objects.filter(team=team, valid_from__lte=timezone.now()).select_related(
        "created_by"
    )
    newest: dict[tuple[str, str, str], Price] = {}
    live: dict[tuple[str, str, str], Decimal] = {}
    for row in rows.order_by("-is_live", "valid_from", "pk"):
        key = row.vendor, row.model, row.resolution
        newest[key] = row
        if row.is_live:
            live[key] = row.usd
    book: dict[str, Entry] = {}
    for entry in (entry for offer in offers for entry in _documented_entries(offer)):
        key = entry.vendor, entry.model, entry.resolution
        found = newest.get(key)
        book.setdefault(entry.key, _entry_of_row(entry, found, live.get(key)) if found else entry)
    return list(book.values())


def _documented_entries(offer: Offer) -> Iterator[Entry]:
    """Yield each model and resolution that can be ordered, with its documented price where there is one."""
    resolutions = next((one.choices for one in offer.parameters if one.name == "resolution"), ("",))
    for model in dict.fromkeys((offer.model, *(offer.models or {}).values())):
        tariffs = {one.resolution: one for one in offer.tariffs if one.model == model}
        for resolution in tariffs or map(str, resolutions):
            tariff = tariffs.get(resolution)
            yield Entry(
                vendor=offer.vendor,
                vendor_name=offer.vendor_name,
                model=model,
                resolution=resolution,
                usd=tariff.usd if tariff else None,
                source=tariff.source if tariff else "",
            )


def _entry_of_row(entry: Entry, row: Price, live: Decimal | None) -> Entry:
    return Entry(
        vendor=entry.vendor,
        vendor_name=entry.vendor_name,
        model=entry.model,
        resolution=entry.resolution,
        usd=row.usd,
        source=row.source,
        since=row.valid_from,
        by=row.created_by,
        passed_over=None if row.is_live else live,
    )


@transaction.atomic
def set_price(
    member: Member, *, entry: Entry, usd: Decimal, source: str, valid_from: datetime | None = None
) -> Price:
    """Say what something costs from now, or from a later moment on; what was paid stays as it was."""
    member.require(Permission.SPEND)
    now = timezone.now()
    if valid_from and valid_from < now:
        raise DomainError(
            _("A price holds from now or from a later day on: what was paid stays as it was.")
        )
    record(
        "priced", member.team, actor=member.user, vendor=entry.vendor, model=entry.model,
        resolution=entry.resolution, usd=str(to_four_places(usd)), source=source, valid_from=str(valid_from or now),
    )  # fmt: skip
    return Price.objects.create(
        team=member.team,
        vendor=entry.vendor,
        model=entry.model,
        resolution=entry.resolution,
        usd=to_four_places(usd),
        valid_from=valid_from or now,
        source=source,
        created_by=member.user,
    )


def record_live_price(
    team: Team, offer: Offer, parameters: Mapping[str, object], usd: Decimal
) -> Price | None:
    """Write down what the vendor says one such job costs today, where that is news to us and can be true."""
    if not (usd.is_finite() and 0 < usd < PRICE_CEILING_USD):
        return None
    price, model, resolution = (
        to_four_places(usd),
        offer.model_of(parameters),
        str(parameters.get("resolution", "")),
    )
    known = _current_rows(team, offer.vendor, model, resolution).filter(is_live=True).first()
    before = known or offer.price_of(parameters)
    if not 0 < price < PRICE_CEILING_USD or (before and before.usd == price):
        return None
    return Price.objects.create(
        team=team,
        vendor=offer.vendor,
        model=model,
        resolution=resolution,
        is_live=True,
        usd=price,
        source=_("%s, live") % offer.vendor_name,
    )
