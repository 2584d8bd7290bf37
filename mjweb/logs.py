"""Structured logs: every line carries the request or task it belongs to."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Addresses that give access to anybody who knows them: pictures, the first account, a new password,
# single sign-on, unsubscribing.
SECRET_IN_URL = re.compile(
    r"(/handover/|/team/join/|/team/welcome/|/reset/key/|/confirm-email/|/unsubscribe/|[?&]code=)"
    r"[^/&\s\"']+"
)


def without_url_secrets(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Remove secrets from the URLs of a log line."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = SECRET_IN_URL.sub(r"\1…", value)
    return line


# The line at the end of a request says all that the first did, and the status code. The end of a
# stream only means that somebody left a page.
REDUNDANT = {"request_started", "streaming_started", "streaming_finished", "streaming_cancelled"}


def without_redundant(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop a line whose content another line has as well."""
    if line.get("event") in REDUNDANT:
        raise structlog.DropEvent
    return line


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    without_url_secrets,
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
            without_redundant,
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
            # A round that expired is dropped on purpose: the next one does its work.
            "django_structlog.celery": {"level": "ERROR"},
        },
    }
