"""Structured logs: every line carries the request or task it belongs to."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# What opens something for whoever holds it: pictures, the first account, a new password, a sign-on;
# or ends mails.
TICKET = re.compile(
    r"(/handover/|/team/join/|/team/welcome/|/reset/key/|/confirm-email/|/unsubscribe/|[?&]code=)[^/&\s\"']+"
)


def without_tickets(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take the tickets out of logged addresses, wherever they stand: who holds one is let in."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = TICKET.sub(r"\1…", value)
    return line


# One line a request is enough: its end says all that its beginning did, and the code. A stream ends
# when somebody leaves a page, which is no news.
UNTOLD = {"request_started", "streaming_started", "streaming_finished", "streaming_cancelled"}


def without_echoes(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop what another line says as well."""
    if line.get("event") in UNTOLD:
        raise structlog.DropEvent
    return line


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    without_tickets,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.format_exc_info,
]


def logging_config(log_format: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING; `log_format` is "lines" or "json"."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            without_echoes,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django_structlog": {"level": "INFO"},
            # One line per poll and per broker message would drown everything else.
            "httpx": {"level": "WARNING"},
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            # A round that came too late is dropped on purpose: the next one does its work.
            "django_structlog.celery": {"level": "ERROR"},
        },
    }
