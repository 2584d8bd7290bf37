"""What WaveSpeedAI answered, as it came: the status, the JSON, its own words without our key.

Shapes: vendor contracts 1.3 (envelope and prediction), 1.6 (errors), 1.10 (a bare prediction).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WORDS = 2000
LONGEST_WAIT = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, read to its end; `json` is None where the body was no JSON."""

    status: int
    json: object
    text: str
    retry_after: float | None
    secret: str = field(repr=False)

    def clean(self, value: object) -> str:
        """Return vendor text fit to keep: without our key, without what no database takes, not endless."""
        text = value if isinstance(value, str) else ""
        text = text.replace(self.secret, "[key]").replace("\x00", "\ufffd")
        return text.encode("utf-8", "replace").decode()[:LONGEST_WORDS]

    @property
    def envelope(self) -> Mapping[str, object]:
        """Return the outer JSON object, or an empty one."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def bare(self) -> bool:
        """Tell whether the body is the job itself, without an envelope around it."""
        return "data" not in self.envelope and {"id", "status"} <= self.envelope.keys()

    @property
    def prediction(self) -> Mapping[str, object]:
        """Return the job inside the envelope or the bare body, or an empty one."""
        inner = self.envelope if self.bare else self.envelope.get("data")
        return inner if isinstance(inner, dict) else {}

    @property
    def code(self) -> int:
        """Return the envelope's code where HTTP said yes (a bare job's own code is another thing)."""
        code = self.envelope.get("code")
        return code if self.status < 300 and type(code) is int and not self.bare else self.status

    @property
    def good(self) -> bool:
        """Tell whether both HTTP and the envelope say yes."""
        return 200 <= self.status < 300 and self.code in {200, self.status}

    @property
    def detail(self) -> object:
        """Return the finer code of an error: `error_code`, else `code` (contracts 1.6)."""
        return self.envelope.get("error_code") or self.envelope.get("code")

    @property
    def words(self) -> str:
        """Return what the vendor said, verbatim: `message`, else `error`, else the whole text."""
        for name in ("message", "error"):
            if isinstance(said := self.envelope.get(name), str) and said:
                return self.clean(said)
        return self.clean(self.text)


def read(status: int, headers: Mapping[str, str], raw: bytes, *, secret: str) -> Answer:
    """Return an answer from what came over the wire; nothing in it can make this fail."""
    return Answer(
        status=status,
        json=_json(raw),
        text=raw[: 4 * LONGEST_WORDS].decode("utf-8", "replace"),
        retry_after=_wait(headers.get("retry-after", "")),
        secret=secret,
    )


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _wait(words: str) -> float | None:
    """Read Retry-After in both of its forms, RFC 9110 section 10.2.3: seconds or a date."""
    if words.isascii() and words.isdigit():
        return min(float(words[:9]), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(words)
        seconds = (until - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
