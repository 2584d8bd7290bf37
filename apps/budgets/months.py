"""Calendar months in UTC, for budgets and URLs."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

FORM = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\Z")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of one year."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """Return the month in which `moment` lies."""
        utc = moment.astimezone(UTC)
        return cls(utc.year, utc.month)

    @classmethod
    def parse(cls, text: str) -> "Month | None":
        """Parse a month such as 2026-11; None for anything else."""
        match = FORM.match(text)
        return (
            cls(int(match[1]), int(match[2])) if match and 1970 <= int(match[1]) <= 9000 else None
        )

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def start(self) -> datetime:
        """The first moment of the month."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after the month."""
        return self.next.start

    @property
    def days(self) -> list[date]:
        """The days of the month."""
        first = self.start.date()
        return [first + timedelta(days=number) for number in range((self.end - self.start).days)]

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        """The month before it."""
        return Month(self.year, self.number - 1) if self.number > 1 else Month(self.year - 1, 12)
