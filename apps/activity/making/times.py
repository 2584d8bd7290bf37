"""When somebody is written to."""

import zoneinfo
from datetime import UTC, datetime, time, timedelta

from django.conf import settings

from apps.activity.states import Pace
from apps.teams.models import User

GATHERED = timedelta(seconds=20)  # what happens together is said together
MORNING = time(8)


def mail_time(pace: str, user: User, now: datetime) -> datetime | None:
    """Return when something that happened now is mailed to somebody; None for never, and where no mail leaves."""
    if pace == Pace.NEVER or not settings.EMAIL_IS_CONNECTED or not user.is_active:
        return None
    if pace == Pace.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return _next_morning(user, now) if pace == Pace.DAILY else now + GATHERED


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
