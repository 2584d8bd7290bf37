"""Lanes: the limits, the circuit breaker and the leases of one key at one vendor."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apps.core.events import record

CIRCUIT_OPENS_AFTER = 5  # failures in a row
SHORTEST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)
LONGEST_RETRY_AFTER = timedelta(hours=1)  # a vendor that asks for more is tried earlier


def long_ago() -> datetime:
    """Return a time so long ago that every bucket is full by now."""
    return datetime(2000, 1, 1, tzinfo=UTC)


def bounded_retry_after(retry_after: float | None) -> timedelta:
    """Return the pause that a vendor asks for, at most an hour; zero where it asks for none."""
    return timedelta(seconds=min(max(retry_after or 0.0, 0.0), LONGEST_RETRY_AFTER.total_seconds()))


class Lane(models.Model):
    """One key at one vendor. Teams that share a key share its lane, and none floods the others.

    It belongs to no team and holds nothing of one: only limits, leases and the vendor's health.
    """

    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(max_length=20)
    # The vendor's limits for this key (docs/vendor-contracts.md, section 1.11); 0 is no limit.
    orders_per_minute = models.PositiveIntegerField(default=0)
    in_flight = models.PositiveIntegerField(default=0)

    # The token bucket of orders; a new one is full.
    tokens = models.FloatField(default=0)
    refilled_at = models.DateTimeField(default=long_ago)

    # Leases: one pass of each kind at a time, until it is done or its lease runs out.
    submitting_until = models.DateTimeField(default=timezone.now)
    polling_until = models.DateTimeField(default=timezone.now)
    webhook_polling_until = models.DateTimeField(default=timezone.now)
    reconciling_until = models.DateTimeField(default=timezone.now)

    # The circuit breaker.
    failure_count = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    # Nothing is sent before this time: the vendor is out of order, or asked us to wait.
    paused_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint[:8]}"

    @property
    def is_paused(self) -> bool:
        """Whether nothing is sent to the vendor for now."""
        return self.paused_until is not None and self.paused_until > timezone.now()

    @property
    def is_circuit_open(self) -> bool:
        """Whether the vendor has failed often enough in a row that people should know."""
        return self.failure_count >= CIRCUIT_OPENS_AFTER

    def claim(self, clock: str, seconds: float) -> bool:
        """Lease this lane for one pass, unless it is leased; `clock` is an `…_until` field."""
        now = timezone.now()
        mine = Lane.objects.filter(pk=self.pk, **{f"{clock}__lte": now})
        return mine.update(**{clock: now + timedelta(seconds=seconds)}) == 1

    def release_lease(
        self, clock: str, claimed: datetime, *, until: datetime | None = None
    ) -> None:
        """Let the next pass begin, now or at `until`, unless this pass outlived its lease."""
        mine = Lane.objects.filter(pk=self.pk, **{clock: claimed})
        mine.update(**{clock: until or timezone.now()})

    def take_tokens(self, wanted: int) -> int:
        """Take up to `wanted` tokens from the bucket that all processes share; return how many.

        A bucket holds the orders of at most ten seconds, and one at least: a minute's worth at once
        would use up the vendor's window with a single burst.
        """
        if not self.orders_per_minute:
            return wanted
        while True:
            seen = Lane.objects.values("tokens", "refilled_at").get(pk=self.pk)
            now = timezone.now()
            level = _level(seen["tokens"], seen["refilled_at"], now, self.orders_per_minute)
            taken = min(wanted, int(level))
            here = Lane.objects.filter(pk=self.pk, **seen)
            # Clocks of two machines differ: no second is counted twice.
            if here.update(tokens=level - taken, refilled_at=max(now, seen["refilled_at"])):
                return taken

    def give_back(self, tokens: int) -> None:
        """Put back the tokens of orders that were not sent."""
        if self.orders_per_minute and tokens:
            Lane.objects.filter(pk=self.pk).update(tokens=F("tokens") + tokens)

    def next_token_at(self) -> datetime:
        """Return when there will be a whole token again."""
        self.refresh_from_db(fields=["tokens", "refilled_at"])
        missing = max(0.0, 1.0 - self.tokens)
        return self.refilled_at + timedelta(seconds=60 * missing / max(1, self.orders_per_minute))

    def record_failure(self, words: str, *, retry_after: float | None = None) -> None:
        """Count one more failure in a row; pause after some, or where the vendor asks for it."""
        now = timezone.now()
        tipped = Lane.objects.filter(pk=self.pk, failure_count=CIRCUIT_OPENS_AFTER - 1)
        if tipped.update(
            failure_count=CIRCUIT_OPENS_AFTER, last_error=words
        ):  # true for one process only
            self._tell("broke", words=words)
        else:
            Lane.objects.filter(pk=self.pk).update(
                failure_count=F("failure_count") + 1, last_error=words
            )
        Lane.objects.filter(pk=self.pk, failing_since=None).update(failing_since=now)
        self.refresh_from_db()
        pause = bounded_retry_after(retry_after)
        if self.is_circuit_open:
            pause = max(
                pause,
                min(
                    SHORTEST_PAUSE * 2 ** min(self.failure_count - CIRCUIT_OPENS_AFTER, 8),
                    LONGEST_PAUSE,
                ),
            )
        self.pause(pause)

    def pause(self, pause: timedelta) -> None:
        """Send the vendor nothing for so long; a longer pause that runs already stays."""
        until = timezone.now() + pause
        if pause:
            sooner = Q(paused_until=None) | Q(paused_until__lt=until)
            Lane.objects.filter(sooner, pk=self.pk).update(paused_until=until)
            self.refresh_from_db()

    def record_success(self) -> None:
        """Reset the failure count: the vendor has answered. A pause it asked for still runs."""
        if self.failure_count:
            back = {"failure_count": 0, "failing_since": None, "last_error": ""}
            if Lane.objects.filter(pk=self.pk, failure_count__gte=CIRCUIT_OPENS_AFTER).update(
                **back
            ):
                self._tell("recovered")
            Lane.objects.filter(pk=self.pk).update(**back)
            self.refresh_from_db()

    def _tell(self, verb: str, **facts: Any) -> None:
        """Record it for every account that shares this key: each team has its own log."""
        for account in self.accounts.all():
            record(verb, account.subject, name=account.name, **facts)


def _level(tokens: float, refilled_at: datetime, now: datetime, per_minute: int) -> float:
    seconds = max(0.0, (now - refilled_at).total_seconds())
    return min(tokens + seconds * per_minute / 60, max(1.0, per_minute / 6))


def fingerprint_of(kind: str, base_url: str, key: str) -> str:
    """Return a fingerprint of the key, which does not reveal it."""
    said = f"{kind}\n{base_url.rstrip('/')}\n{key}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()
