"""How a sandbox is started, from the command line or by a management command."""

import argparse
import os
import socket
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import uvicorn

from apps.sandbox import sketch, studio
from apps.sandbox.app import make_app
from apps.sandbox.places import Places
from apps.sandbox.settings import Draw, SandboxSettings
from apps.sandbox.wild import OpenHanded

# Seconds an answer under way may take when the sandbox is told to stop; some of them never end.
GRACE = 5
HANDS: dict[str, Draw] = {"real": studio.draw, "quick": sketch.draw}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe what a sandbox can be told."""
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
        "--min-seconds", type=float, default=0.0, help="how long a job runs at the least"
    )
    parser.add_argument(
        "--draw", default="real", choices=sorted(HANDS), help="quick repeats a still picture"
    )
    parser.add_argument(
        "--balance", type=Decimal, help="what may be spent in USD; no limit if left out"
    )
    parser.add_argument(
        "--per-minute", type=int, help="orders taken in a minute; no limit if left out"
    )
    parser.add_argument(
        "--webhook-secret", default="", help="signs calls to customers; else made from the key"
    )
    parser.add_argument(
        "--call-pause", type=float, default=1.0, help="seconds before a call is repeated"
    )
    parser.add_argument(
        "--allow-cancel", action="store_true", help="let Comet's tasks be cancelled"
    )


def serve(options: argparse.Namespace, *, draw: Draw | None = None) -> None:
    """Serve until told to stop; the first line on standard output is the address."""
    key = options.key or os.environ.get("MJWEB_SANDBOX_KEY", "")
    if not key:
        raise SystemExit("The sandbox needs a key: give --key or set MJWEB_SANDBOX_KEY.")
    with Places(options.data).locked(), closing(_door(options.host, options.port)) as door:
        settings = SandboxSettings(
            data=options.data,
            key=key,
            draw=draw or HANDS[options.draw],
            workers=options.workers,
            min_seconds=options.min_seconds,
            patience=options.patience,
            balance=options.balance,
            per_minute=options.per_minute,
            allow_cancel=options.allow_cancel,
            call_pause=options.call_pause,
            webhook_secret=options.webhook_secret,
        )
        host = f"[{options.host}]" if ":" in options.host else options.host
        print(f"http://{host}:{door.getsockname()[1]}", flush=True)  # noqa: T201
        config = uvicorn.Config(
            make_app(settings),
            http=OpenHanded,
            lifespan="on",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GRACE,
        )
        uvicorn.Server(config).run(sockets=[door])


def _door(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SystemExit(f"The sandbox cannot listen at {host}:{port}: {error.strerror}.") from None
