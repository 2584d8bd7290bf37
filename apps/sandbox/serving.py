"""Command line options and the server process of a sandbox."""

import argparse
import os
import socket
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import uvicorn

from apps.sandbox import engine_drawing, quick_drawing
from apps.sandbox.app import make_app
from apps.sandbox.bad_responses import TransportProtocol
from apps.sandbox.paths import Paths
from apps.sandbox.settings import Draw, SandboxSettings

# Some faulty answers never end, so that running answers are cut after this time.
SHUTDOWN_GRACE_SECONDS = 5
DRAWERS: dict[str, Draw] = {"real": engine_drawing.draw, "quick": quick_drawing.draw}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a sandbox."""
    parser.add_argument("--port", type=int, default=8790, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder for jobs, ledger and clips"
    )
    parser.add_argument(
        "--key", default="", help="the API key customers send; else MJWEB_SANDBOX_KEY"
    )
    parser.add_argument(
        "--workers", type=int, default=1, choices=range(1, 9), help="jobs drawn at a time"
    )
    parser.add_argument(
        "--patience", type=float, default=30.0, help="seconds to wait for an image's server"
    )
    parser.add_argument(
        "--min-seconds", type=float, default=0.0, help="shortest time that a job runs"
    )
    parser.add_argument(
        "--draw", default="real", choices=sorted(DRAWERS), help="quick encodes a still picture"
    )
    parser.add_argument("--balance", type=Decimal, help="credit in USD; no limit if left out")
    parser.add_argument(
        "--per-minute", type=int, help="orders accepted per minute; no limit if left out"
    )
    parser.add_argument(
        "--webhook-secret", default="", help="signs webhooks; derived from the key if left out"
    )
    parser.add_argument(
        "--webhook-retry-seconds",
        type=float,
        default=1.0,
        help="pause before a webhook is repeated",
    )
    parser.add_argument(
        "--allow-cancel", action="store_true", help="accept cancel requests for CometAPI's tasks"
    )


def serve(options: argparse.Namespace, *, draw: Draw | None = None) -> None:
    """Serve until a signal stops it; the first line on standard output is the address."""
    key = options.key or os.environ.get("MJWEB_SANDBOX_KEY", "")
    if not key:
        raise SystemExit("The sandbox needs a key: give --key or set MJWEB_SANDBOX_KEY.")
    with Paths(options.data).lock(), closing(_listen(options.host, options.port)) as listener:
        settings = SandboxSettings(
            data=options.data,
            key=key,
            draw=draw or DRAWERS[options.draw],
            workers=options.workers,
            min_seconds=options.min_seconds,
            patience=options.patience,
            balance=options.balance,
            per_minute=options.per_minute,
            allow_cancel=options.allow_cancel,
            webhook_retry_seconds=options.webhook_retry_seconds,
            webhook_secret=options.webhook_secret,
        )
        host = f"[{options.host}]" if ":" in options.host else options.host
        print(f"http://{host}:{listener.getsockname()[1]}", flush=True)  # noqa: T201
        config = uvicorn.Config(
            make_app(settings),
            http=TransportProtocol,
            lifespan="on",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_GRACE_SECONDS,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SystemExit(f"The sandbox cannot listen at {host}:{port}: {error.strerror}.") from None
    # Connections inherit this. Without it, each answer on a kept connection waits 40 ms between
    # head and body, and asyncio sets it only on sockets that it has made itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
