"""`make drill`: every fault on purpose, every process killed at random, and the books compared.

    python -m tests.drill                  both backends, all faults, some twenty minutes
    python -m tests.drill --short          a sample of them, for every submission
    python -m tests.drill --seed 7         the same orders, faults and kills once more

The last line says what became of it; it ends with 1 unless its last four figures are 0.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from mjweb.env import ROOT
from tests.drill.chaos import Chaos, Redis
from tests.drill.plan import orders
from tests.drill.truth import Books, Findings, reference_in, unreported_orders
from tests.support.local_services import POSTGRES, answers
from tests.support.people import Browser
from tests.support.processes import end_with_parent, kill_process, start_process
from tests.support.stack import Stack, installation, until

MOST_TURNS = 60
VIRTUAL_HOURS = 3 * 3600.0
DAYS = 40  # longer than any vendor keeps anything, or than we wait for one that is out of reach
MOVING = "('planned', 'queued', 'submitting', 'at_vendor', 'saving', 'unconfirmed')"


def main() -> int:
    """Drill each backend that is there."""
    end_with_parent()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=600, help="orders for each backend")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--short", action="store_true", help="a sample, in a few minutes")
    parser.add_argument("--backend", choices=["sqlite", "postgres"], help="only this one")
    options = parser.parse_args()
    jobs, still = (32, 4) if options.short else (options.jobs, 6)
    total = Findings()
    names = backends(options.backend)
    # At the same time: each of them mostly waits.
    with ThreadPoolExecutor(max(1, len(names))) as pool:
        for found in pool.map(lambda name: drill_and_tell(name, jobs, options.seed, still), names):
            total += found
    print(total.line(), flush=True)
    return 0 if total.is_good and total.jobs else 1


def drill_and_tell(backend: str, jobs: int, seed: int, still: int) -> Findings:
    """Drill one backend, and print what came of it."""
    began = time.monotonic()
    found = drill(backend, jobs, seed, still)
    for kind in ("double", "lost", "stuck", "wrong"):
        for case in getattr(found, kind):
            print(f"  {backend}, {kind}: {case}", flush=True)
    seconds = time.monotonic() - began
    print(f"{backend}, seed {seed}, {seconds:.0f} s: {found.line()}", flush=True)
    return found


def backends(only: str | None) -> list[str]:
    """Return what can be drilled on this machine."""
    has_services = answers(5432) and shutil.which("redis-server") is not None
    there = ["sqlite"] + (["postgres"] if has_services else [])
    if not has_services:
        print("PostgreSQL or redis-server is missing: only SQLite and the folder are drilled.")
    return [name for name in there if only in {None, name}]


def drill(backend: str, jobs: int, seed: int, still: int) -> Findings:
    """Order, break, mend, and compare; `still` turns without a change end the waiting."""
    redis = Redis() if backend == "postgres" else None
    given = {"DATABASE_URL": POSTGRES} if redis else {}
    with tempfile.TemporaryDirectory(prefix="mjweb-drill-") as folder:
        if redis:
            redis.start()
        try:
            with installation(
                Path(folder) / "var", longest=240, database_url=given.get("DATABASE_URL", ""),
                broker_url=redis.url if redis else "", MJWEB_CLAIM_SECONDS="3",
                MJWEB_SILENCE_SECONDS="8",
                MJWEB_CHECK_NUDITY="0",
                MJWEB_MAX_CLIP_MB="8",
            ) as stack:  # fmt: skip
                stack.options = {
                    "sandbox": [
                        "--draw=quick",
                        "--workers=4",
                        "--webhook-retry-seconds=1",
                        "--allow-cancel",
                    ],
                }
                stack.start()
                drill = _Drill(stack, redis, jobs, seed, still)
                try:
                    return drill.run()
                finally:
                    drill.people.end()
        finally:
            if redis:
                redis.kill()


class _Drill:
    def __init__(self, stack: Stack, redis: Redis | None, jobs: int, seed: int, still: int) -> None:
        self.stack, self.seed, self.patience = stack, seed, still
        self.plan = orders(jobs, seed)
        self.chaos = Chaos(stack, redis, seed)
        self.people = _People(stack.environment)

    def run(self) -> Findings:
        seconds = len(self.plan) / 5
        self.chaos.start()
        by_page = Thread(target=self._order_by_page, args=(seconds,), daemon=True)
        by_page.start()
        self.people.do("order", orders=self.plan, seconds=seconds)
        self.people.do("act", seed=self.seed, seconds=10 + seconds / 4)
        by_page.join(60)
        self.chaos.stop()
        self._settle()
        print(f"  killed: {dict(self.chaos.kills)}", flush=True)
        return Books(self._our_rows(), self._vendor_jobs()).findings()

    def _settle(self) -> None:
        """Let time pass for the vendor, for people, and for what no vendor keeps any longer."""
        self._go_on()
        self._ask("POST", "/sandbox/clock", json={"ahead": VIRTUAL_HOURS})
        self._go_on()
        if ids := unreported_orders(self._our_rows(), self._vendor_jobs()):
            self.people.do("name", ids=ids)
            self._go_on()
        for _once_more in range(2):  # what a vendor ends only now is kept for as long again
            self.people.do("age", days=DAYS)
            # A clip that is broken for ever has some tries left before it is called lost.
            self._go_on(longer=6)
            if not self._to_come():
                break
        charged = [
            reference_in(job["reference"])
            for job in self._vendor_jobs()
            if float(job["charged"]) > float(job["refunded"])
        ]
        self.people.do("settle", charged=charged)

    def _go_on(self, *, longer: int = 0) -> None:
        """Let everything arrive, and people decide, until nothing is left or nothing changes.

        Where it goes on for `longer`, one more try to fetch a clip is a change as well: the last of
        them ends it.
        """
        still, before = 0, [-1]
        for turn in range(MOST_TURNS):
            now = self._count_unsettled() + (self._tries() if longer else [])
            still = still + 1 if now == before else 0
            has_stopped = still >= self.patience + longer and not self._count_sending()
            if not any(now) or has_stopped:
                return
            before = now
            self.chaos.kills.update(f"{name} by itself" for name in self.stack.revive())
            self.people.do("hurry", worker_started_at=self.stack.started_at["worker"])
            self.people.do("act", seed=self.seed + turn, seconds=3)

    def _count_unsettled(self) -> list[int]:
        """Count jobs, clips and submissions of which more may be heard."""
        return [
            self._number(f"SELECT COUNT(*) FROM jobs_job WHERE state IN {MOVING}"),
            self._to_come(),
            self._number(
                "SELECT COUNT(*) FROM jobs_submission "
                "WHERE outcome = 'unknown' AND search_at IS NOT NULL"
            ),
        ]

    def _count_sending(self) -> int:
        """Count orders whose worker may still wait for the answer: a dead one is hurried."""
        return self._number("SELECT COUNT(*) FROM jobs_job WHERE state = 'submitting'")

    def _to_come(self) -> int:
        return self._number("SELECT COUNT(*) FROM jobs_output WHERE next_try_at IS NOT NULL")

    def _tries(self) -> list[int]:
        """Count how often clips that are still to come were tried for."""
        return [self._number("SELECT SUM(tries) FROM jobs_output WHERE next_try_at IS NOT NULL")]

    def _number(self, sql: str) -> int:
        return int(self.stack.rows(sql)[0][0] or 0)

    def _order_by_page(self, seconds: float) -> None:
        """Order through the web as well, pressing again whenever the page does not answer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                with Browser(self.stack.url) as person:
                    person.sign_in("producer@mjweb.example")
                    form = person.order_form()
                    until(lambda: _press(person, form), bool, what="an order by page", seconds=60)  # noqa: B023
            except (httpx.HTTPError, AssertionError):
                time.sleep(1)
            time.sleep(2)

    def _our_rows(self) -> dict[str, Any]:
        rows: dict[str, Any] = self.people.do("dump")
        return rows

    def _vendor_jobs(self) -> list[dict[str, Any]]:
        jobs: list[dict[str, Any]] = self._ask("GET", "/sandbox/jobs").json()
        return jobs

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.stack.environment['MJWEB_SANDBOX_KEY']}"}
        address = f"http://127.0.0.1:{self.stack.sandbox_port}{path}"
        answer = httpx.request(
            method, address, headers=bearer, trust_env=False, timeout=60, **options
        )
        return answer.raise_for_status()


class _People:
    """The process in which people act: started once, since each start costs seconds."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = start_process(
            [sys.executable, "-m", "tests.drill.people"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )

    def do(self, deed: str, **given: Any) -> Any:
        """Have a deed done, and return its answer; its complaint is on the error output."""
        self._process.stdin.write(json.dumps({"deed": deed, **given}) + "\n")
        self._process.stdin.flush()
        if answer := self._process.stdout.readline():
            return json.loads(answer)
        raise SystemExit(f"{deed} failed.")

    def end(self) -> None:
        """End the process."""
        kill_process(self._process)


def _press(person: Browser, form: dict[str, str]) -> bool:
    try:
        return person.post("/jobs/new/", form).status_code == 302
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    sys.exit(main())
