"""Jobs in flight: seconds from the vendor's completion to the marked row, ours and two usual ways.

    python -m bench.jobs                     what the README says, some ten minutes
    python -m bench.jobs --full              every size, duration and design, well over an hour
    python -m bench.jobs --sizes 50,500 --seconds 12 --designs ours,hooks,block,poll --slots 3

The vendor is bench._vendor: in memory, on loopback, its moments of completion known beforehand.
Completions are spread evenly over one vendor time, which is what a steady stream of orders looks
like. What we measure is seen from outside, by asking the database twenty times a second. Each line
says whether it meets what we aim for.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench._runs import CROWD, DESIGNS, HEAD, Run
from mjweb.env import ROOT
from tests.support.processes import end_with_parent, kill_process, start_process
from tests.support.stack import Stack, database_for, own_broker, until

SIZES = (50, 500, 2_000, 10_000)
SECONDS = (12.0, 60.0)
RIVAL_SLOTS = 8
SLOTS = 3  # as `make run` starts them; one pass at a time follows, whichever of them makes it
MIXED = (60.0, 600.0)  # seconds: the shortest and the longest of mixed durations
TICK = 0.05


def main() -> None:
    """Measure what is asked for and print it line by line."""
    end_with_parent()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--sizes", default="")
    parser.add_argument("--seconds", default="12", help="0 for mixed durations")
    parser.add_argument("--designs", default=",".join(DESIGNS))
    parser.add_argument(
        "--slots",
        type=int,
        default=0,
        help=f"processes of our worker; by itself {SLOTS}, 1 from {CROWD} jobs on",
    )
    options = parser.parse_args()
    print(f"database: {os.environ.get('DATABASE_URL') or 'SQLite'}", end=" · ")
    hands = options.slots or f"{SLOTS} (1 from {CROWD} jobs on)"
    print(
        f"broker: {os.environ.get('CELERY_BROKER_URL') or 'a folder'} · "
        f"processes of our worker: {hands}"
    )
    print(
        "lag in s from the vendor's completion to the row; "
        "ms/job and core: CPU of all worker processes;"
    )
    print(
        "MB: the largest worker process. unseen: not marked when the run was ended.\n" + HEAD,
        flush=True,
    )
    for run in _runs(options):
        slots = options.slots or (1 if run.size >= CROWD else SLOTS)
        print(measure_run(run, slots).line(), flush=True)


def _runs(options: argparse.Namespace) -> Iterator[Run]:
    """Yield what is to be measured: what was asked for, everything, or what the README says."""
    if options.sizes or options.full:
        sizes = map(int, options.sizes.split(",")) if options.sizes else SIZES
        seconds = SECONDS if options.full else tuple(map(float, options.seconds.split(",")))
        wanted = [
            (one, size, design)
            for one in seconds
            for size in sizes
            for design in options.designs.split(",")
        ]
    else:
        wanted = [(12.0, 500, design) for design in DESIGNS]
        wanted += [(12.0, 2_000, "hooks"), (12.0, 2_000, "ours")]
        wanted += [(60.0, 10_000, "ours"), (0.0, 10_000, "hooks"), (0.0, 10_000, "ours")]
    for length, size, design in wanted:
        yield Run(design, size, length, window=length or 60.0)


def measure_run(run: Run, slots: int) -> Run:
    """Do one run in an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="mjweb-bench-") as folder:
        stack = Stack(Path(folder), settings={"MJWEB_CLAIM_SECONDS": "900"})
        stack.options["worker"] = [f"--concurrency={slots}"]
        for name in ("broker/queue", "broker/control", "media", "sandbox"):
            (stack.data / name).mkdir(parents=True, exist_ok=True)
        own_broker(stack.settings)
        with database_for(stack.settings, os.environ.get("DATABASE_URL", "")), vendor(stack):
            stack.manage("migrate", "--verbosity=0")
            try:
                _rival(run, stack) if run.design in {"block", "poll"} else _ours(run, stack)
            finally:
                stack.stop()
    return run


@contextmanager
def vendor(stack: Stack) -> Iterator[None]:
    """Run the vendor in memory at the sandbox's address."""
    command = [sys.executable, "-m", "bench._vendor", str(stack.sandbox_port)]
    process = start_process(command, cwd=ROOT)
    try:
        until(lambda: _stats(stack) is not None, bool, what="the vendor to listen")
        yield
    finally:
        kill_process(process)


def _stats(stack: Stack) -> int | None:
    try:
        return int(httpx.get(f"{_vendor_url(stack)}/stats", trust_env=False).json()["requests"])
    except httpx.HTTPError:
        return None


def _vendor_url(stack: Stack) -> str:
    return f"http://127.0.0.1:{stack.sandbox_port}"


def _ours(run: Run, stack: Stack) -> None:
    """Follow jobs that are in flight already, each at another point of its time."""
    with_hooks = run.design == "hooks"
    begin = time.time() + 14 + run.size / 400 + (6 if with_hooks else 0)
    draw = random.Random(7)
    jobs: list[dict[str, Any]] = []
    for number in range(run.size):
        length = run.seconds or draw.uniform(*MIXED)
        ends = begin + (
            run.seconds * (number + 1) / run.size if run.seconds else length * draw.random()
        )
        jobs.append({"id": f"v-{number}", "created": ends - length, "ends": ends, "hook": ""})
    learned = [run.seconds or draw.uniform(*MIXED) for _ in range(40)]
    run.interval, places = _fill(stack, jobs, learned, ours=True)
    if with_hooks:
        for job, place in zip(jobs, places, strict=True):
            job["hook"] = f"http://127.0.0.1:{stack.port}{place}"
    httpx.post(f"{_vendor_url(stack)}/load", json=jobs, trust_env=False, timeout=60)
    names = ["worker", "scheduler"] + (["web"] if with_hooks else [])
    stack.start(*names)
    due = {str(job["id"]): float(job["ends"]) for job in jobs}
    due = {job_id: ends for job_id, ends in due.items() if ends < begin + run.window}
    with _calling([job for job in jobs if job["id"] in due] if with_hooks else []):
        _watch(run, stack, due, begin)


@contextmanager
def _calling(jobs: list[dict[str, Any]]) -> Iterator[None]:
    """Have the vendor call about these jobs, each when it ends."""
    if not jobs:
        yield
        return
    command = [sys.executable, "-m", "bench._caller"]
    caller = start_process(command, stdin=subprocess.PIPE, text=True, cwd=ROOT)
    assert caller.stdin
    with caller.stdin:
        json.dump(jobs, caller.stdin)
    try:
        yield
        caller.wait(timeout=10)
    finally:
        kill_process(caller)


def _fill(
    stack: Stack, jobs: list[dict[str, Any]], learned: list[float], *, ours: bool
) -> tuple[float, list[str]]:
    """Write the rows; return our shortest interval between polls, and the jobs' webhooks."""
    told = json.dumps({"jobs": jobs, "learned": learned, "ours": ours})
    command = [sys.executable, "-m", "bench._rows"]
    done = subprocess.run(
        command,
        input=told,
        stdout=subprocess.PIPE,
        text=True,
        env=stack.environment,
        cwd=ROOT,
        check=True,
    )
    said = json.loads(done.stdout)
    return said["interval"], said["hooks"]


def _rival(run: Run, stack: Stack) -> None:
    """Order one job after the other for one vendor time, and let the rival poll them."""
    jobs = [
        {"id": f"v-{number}", "created": 0, "ends": 0, "hook": ""} for number in range(run.size)
    ]
    _fill(stack, jobs, [], ours=False)
    command = [sys.executable, "-m", "celery", "--app=mjweb", "--quiet", "worker",
    "--include=bench._rivals",
               "--queues=rival", f"--concurrency={RIVAL_SLOTS}", "--loglevel=warning",
               "--without-gossip",
               "--without-mingle", "--without-heartbeat"]  # fmt: skip
    log = (stack.data / "rival.log").open("wb")
    stack.processes["worker"] = start_process(
        command, env=stack.environment, cwd=ROOT, stdout=log, stderr=log
    )
    sender = start_process(
        [sys.executable, "-m", "bench._orders", run.design, str(run.size), str(run.seconds)],
        env=stack.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert sender.stdout
    first = float(sender.stdout.readline())
    due = {
        f"v-{number}": first + run.seconds * (1 + number / run.size) for number in range(run.size)
    }
    _watch(run, stack, due, first)
    kill_process(sender)


def _watch(run: Run, stack: Stack, due: dict[str, float], begin: float) -> None:
    """Query the rows until all are marked, or until waiting longer tells nothing new."""
    while time.time() < begin:
        time.sleep(TICK)
    requests, cpu, started = _stats(stack) or 0, _cpu(stack), time.time()
    seen: dict[str, float] = {}
    patience = max(due.values()) + max(20.0, run.window / 2)
    # Cheap, as the machine has other things to do: by an index, and what is known already is not
    # asked for again.
    question = "SELECT vendor_job_id FROM jobs_job WHERE account_id = 1 AND state = 'saving'"
    with closing(_database(stack)) as rows:
        count = 0
        while len(seen.keys() & due.keys()) < len(due) and time.time() < patience:
            now = time.time()
            (news,) = rows.execute(question.replace("vendor_job_id", "count(*)", 1)).fetchone()
            if news > len(seen):
                for (job_id,) in rows.execute(question).fetchall():
                    seen.setdefault(job_id, now)
            if not count % 20:
                run.memory = max(run.memory, _memory(stack))
            count += 1
            time.sleep(TICK)
    run.wall, run.cpu = time.time() - started, _cpu(stack) - cpu
    run.requests, run.due = (_stats(stack) or 0) - requests, len(due)
    run.lags = [max(0.0, seen[job_id] - ends) for job_id, ends in due.items() if job_id in seen]


def _database(stack: Stack) -> Any:
    url = stack.settings.get("DATABASE_URL")
    return psycopg.connect(url, autocommit=True) if url else stack.database()


def _tree(stack: Stack) -> list[int]:
    """Return the worker's processes: the group it leads."""
    group = stack.processes["worker"].pid
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    found = []
    for pid in pids:
        try:
            if os.getpgid(pid) == group:
                found.append(pid)
        except ProcessLookupError:
            continue
    return found


def _cpu(stack: Stack) -> float:
    """Return the seconds of CPU the worker's processes have used so far."""
    total = 0.0
    for pid in _tree(stack):
        try:
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _memory(stack: Stack) -> float:
    """Return the resident memory of the largest of the worker's processes, in MB."""
    sizes = []
    for pid in _tree(stack):
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except FileNotFoundError:
            continue
        sizes.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    return max(sizes, default=0.0)


if __name__ == "__main__":
    main()
