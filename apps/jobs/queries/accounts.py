"""The load and health of the team's vendor accounts: limits, moderation, waiting jobs."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.activity.models import Event
from apps.jobs.models import Job, VendorAccount
from apps.jobs.models.lanes import CIRCUIT_OPENS_AFTER
from apps.jobs.states import IN_FLIGHT, State
from apps.teams.models import Team
from apps.teams.scoping import within

NEAR = 80  # percent of the limit


@dataclass(frozen=True, slots=True)
class Moderation:
    """The number of jobs that a vendor has moderated today, and the number to warn at."""

    today: int
    limit: int

    @property
    def is_near(self) -> bool:
        """Whether most of the limit is used up."""
        return self.today * 100 >= self.limit * NEAR

    @property
    def is_over(self) -> bool:
        """Whether all of it is."""
        return self.today >= self.limit


@dataclass(frozen=True, slots=True)
class AccountLoad:
    """One account of the team, and what goes on there."""

    account: VendorAccount
    waiting: int
    in_flight: int
    moderation: Moderation


def has_play_money(team: Team) -> bool:
    """Whether one of the team's accounts is a sandbox: what is ordered there costs nothing."""
    with within(team):
        return VendorAccount.objects.filter(is_sandbox=True).exists()


def moderated_today(account: VendorAccount) -> int:
    """Return the count of the team's jobs moderated by this vendor since midnight UTC.

    Those of hidden projects are counted too: a vendor that suspends the account does so for
    everybody.
    """
    with within(account.team, hidden=()):
        return _moderated_today().filter(vendor=account.kind).count()


def moderation_of(account: VendorAccount) -> Moderation:
    """Return where an account's vendor stands with moderation today."""
    return Moderation(moderated_today(account), account.moderation_limit)


def _moderated_today() -> QuerySet[Job]:
    """Return the jobs that became MODERATED today, without those whose clip came late."""
    moved = Event.objects.filter(
        subject_id=OuterRef("public_id"),
        verb="moved",
        facts__to=State.MODERATED,
        created_at__gte=midnight(),
    )
    return Job.objects.filter(Exists(moved), state=State.MODERATED)


def midnight() -> datetime:
    """Return when today began, as vendors count days: in UTC."""
    return timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _count_moderated_by_vendor(team: Team) -> dict[str, int]:
    with within(team, hidden=()):
        return dict(_moderated_today().order_by().values_list("vendor").annotate(count=Count("pk")))


def accounts_of_team(team: Team) -> list[AccountLoad]:
    """Return the team's accounts, oldest first, in three queries however many there are."""
    accounts = VendorAccount.objects.select_related("lane").order_by("pk")
    busy = Job.objects.filter(state__in=[State.QUEUED, *IN_FLIGHT]).order_by()
    rows = busy.values_list("account_id", "state").annotate(count=Count("pk"))
    counts = {(account_id, state): count for account_id, state, count in rows}
    moderated = _count_moderated_by_vendor(team)
    return [
        AccountLoad(
            account,
            waiting=counts.get((account.pk, State.QUEUED), 0),
            in_flight=sum(counts.get((account.pk, state), 0) for state in IN_FLIGHT),
            moderation=Moderation(moderated.get(account.kind, 0), account.moderation_limit),
        )
        for account in accounts
    ]


def broken_lanes(team: Team) -> list[VendorAccount]:
    """Return one account per lane of the team whose vendor is out of order, in one query."""
    with within(team):
        broken = VendorAccount.objects.filter(lane__failure_count__gte=CIRCUIT_OPENS_AFTER)
        by_lane = {
            account.lane_id: account for account in broken.select_related("lane").order_by("-pk")
        }
    return list(by_lane.values())
