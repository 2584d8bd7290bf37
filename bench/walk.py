"""From Generate to a playable clip, minus the vendor's own time, through the running product.

Beside it, in turn, the rival: a script that does what the vendor's SDK does (submit, ask at once
and then every second, fetch the file; docs/vendor-contracts.md, section 2.2) and keeps neither
poster, checks nor history. The vendor's own time is its `timings.inference`; jobs run one at a
time, so nothing waits in its queue.
"""

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx

from apps.vendors.registry import get_vendor
from apps.vendors.types import Order, Progress, Report, Vendor
from tests.support.people import Browser
from tests.support.processes import end_with_parent
from tests.support.stack import Stack, installation, until

JOBS = 20
WARM_UP = 2
POLL = 1.0  # the SDK's default interval in seconds


def main() -> None:
    """Run both in turn and print what each adds to the vendor's own time."""
    end_with_parent()
    with (
        tempfile.TemporaryDirectory(prefix="mjweb-bench-") as folder,
        installation(Path(folder)) as stack,
    ):
        stack.start()
        until(stack.states, lambda states: set(states) == {"saved"}, what="the demo's first jobs")
        person = Browser(stack.url).sign_in("creator@mjweb.example")
        ours: list[float] = []
        rival: list[float] = []
        for number in range(WARM_UP + JOBS):
            ours.append(_walk(stack, person))
            rival.append(_script(stack, number))
        _print(ours[WARM_UP:], rival[WARM_UP:])


def _walk(stack: Stack, person: Browser) -> float:
    """Press Generate, wait until the clip plays; return the seconds beyond the vendor's own."""
    form = person.order_form()
    began = time.perf_counter()
    job = person.post("/jobs/new/", form).headers["Location"]
    job_id = re.findall(r"[0-9a-f-]{36}", job)[0]
    tile = f"/gallery/tiles/?id={job_id}"
    video = until(
        lambda: re.findall(r'data-video="([^"]+)"', person.get(tile).text), bool, what="the clip"
    )[0]
    answer = person.get(video, headers={"Range": "bytes=0-65535"}, follow_redirects=True)
    took = time.perf_counter() - began
    assert answer.status_code == 206, answer.status_code
    identity = job_id.replace("-", "") if not stack.settings.get("DATABASE_URL") else job_id
    vendor = stack.rows(f"SELECT inference_ms FROM jobs_job WHERE public_id = '{identity}'")[0][0]
    return float(took - vendor / 1000)


def _script(stack: Stack, seed: int) -> float:
    """Do the same order as a script would."""
    environment = stack.environment
    vendor = get_vendor(
        "wavespeed",
        base_url=environment["MJWEB_SANDBOX_URL"],
        api_key=environment["MJWEB_SANDBOX_KEY"],
        allow_private=True,
    )
    image = stack.rows("SELECT file FROM projects_image ORDER BY id LIMIT 1")[0][0]
    with serving(stack.data / "media" / image) as image_url:
        began = time.perf_counter()
        order = Order(
            image_url=image_url,
            prompt="Slow dolly in",
            parameters={"aspect_ratio": "16:9", "seed": seed},
        )
        report = asyncio.run(_make_order(vendor, order))
        httpx.get(report.outputs[0].url, trust_env=False).raise_for_status()
        return time.perf_counter() - began - (report.inference_ms or 0) / 1000


async def _make_order(vendor: Vendor, order: Order) -> Report:
    async with vendor:
        job = await vendor.submit(order)
        report = await vendor.report(job.vendor_job_id)
        while report.progress is not Progress.DONE:
            await asyncio.sleep(POLL)
            report = await vendor.report(job.vendor_job_id)
        return report


class Silent(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(picture: Path) -> Iterator[str]:
    """Serve one file on loopback for the script's order."""
    handler = partial(Silent, directory=str(picture.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{picture.name}"
        server.shutdown()


def _print(ours: list[float], rival: list[float]) -> None:
    rows = [("mjweb", ours), (f"a script that asks every {POLL:.0f} s", rival)]
    print(
        f"\nGenerate → playable clip, minus the vendor's own time; {len(ours)} jobs each, in turn\n"
    )
    print(f"{'':<34}{'p50':>8}{'p95':>8}{'max':>8}")
    for name, took in rows:
        print(f"{name:<34}{statistics.median(took):>7.2f}s{_p95(took):>7.2f}s{max(took):>7.2f}s")
    ratio = statistics.median(ours) / statistics.median(rival)
    print(
        f"\nwalk: p50={statistics.median(ours):.3f} p95={_p95(ours):.3f} "
        f"rival={statistics.median(rival):.3f} ratio={ratio:.2f}"
    )


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
