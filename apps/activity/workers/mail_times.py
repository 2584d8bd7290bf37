"""The time at which a notice is mailed."""

import zoneinfo
from datetime import UTC, datetime, time, timedelta

from django.conf import settings

from apps.core.event_registry import MailFrequency
from apps.teams.models import User

GATHERED = timedelta(seconds=20)  # notices of so long are one mail
MORNING = time(8)


def mail_time(frequency: str, user: User, now: datetime) -> datetime | None:
    """Return when somebody gets a mail about something that happened now; None for no mail."""
    if frequency == MailFrequency.NEVER or not settings.EMAIL_IS_CONNECTED or not user.is_active:
        return None
    if frequency == MailFrequency.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return _next_morning(user, now) if frequency == MailFrequency.DAILY else now + GATHERED


def zone_of(user: User) -> zoneinfo.ZoneInfo:
    """Return the time zone somebody has chosen; UTC for those who leave it to their browser."""
    try:
        return zoneinfo.ZoneInfo(user.time_zone or "UTC")
    except (KeyError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")


def _next_morning(user: User, now: datetime) -> datetime:
    here = now.astimezone(zone_of(user))
    day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, tzinfo=zone_of(user)).astimezone(UTC)
