"""One run of bench.jobs: its conditions, its results, and whether they meet the aim."""

import statistics
from dataclasses import dataclass, field

DESIGNS = {
    "hooks": "mjweb, with webhooks",
    "ours": "mjweb, polling",
    "block": "(a) a task per job that blocks",
    "poll": "(b) a task per poll, countdown",
}
# The longest p95 of the lag in seconds; where we look, it counts from the interval between two
# looks on.
LAG = 0.5
# Whoever polls asks no more often per job than this, from so many jobs on.
REQUESTS, MANY = 1.0, 500
# What following so many may take: MB, and parts of a core.
MEMORY, CORE, CROWD = 300, 0.5, 10_000


@dataclass
class Run:
    """One design with so many jobs in flight, and what came of it."""

    design: str
    size: int
    seconds: float  # 0: mixed
    window: float
    interval: float = 0.0
    lags: list[float] = field(default_factory=list)
    due: int = 0
    requests: int = 0
    cpu: float = 0.0
    wall: float = 1.0
    memory: float = 0.0

    @property
    def p95(self) -> float:
        """The lag that one in twenty exceeds."""
        lags = sorted(self.lags) or [float("nan")]
        return lags[min(len(lags) - 1, int(0.95 * len(lags)))]

    def verdict(self) -> str:
        """Return whether the run meets its aims, or which it misses; a rival has none."""
        if self.design not in {"hooks", "ours"}:
            return "a rival"
        per_job = self.requests / max(1, self.due)
        longest = LAG + (self.interval if self.design == "ours" else 0)
        aims = {
            f"p95 ≤ {longest:.1f} s": self.p95 <= longest,
            "all seen": len(self.lags) == self.due,
        }
        if self.design == "ours" and self.size >= MANY:
            aims[f"≤ {REQUESTS:.0f} req/job"] = per_job <= REQUESTS
        if self.size >= CROWD:
            aims[f"≤ {MEMORY} MB"] = self.memory <= MEMORY
            aims[f"≤ {CORE:.0%} of a core"] = self.cpu / self.wall <= CORE
        missed = [aim for aim, is_met in aims.items() if not is_met]
        return "missed: " + ", ".join(missed) if missed else "met: " + ", ".join(aims)

    def line(self) -> str:
        """Return the run as a row of the table."""
        lags = sorted(self.lags) or [float("nan")]
        p50, p95 = statistics.median(lags), self.p95
        length = f"{self.seconds:.0f} s" if self.seconds else "mixed"
        return (
            f"{DESIGNS[self.design]:<32}{self.size:>7}{length:>7}{p50:>9.2f}{p95:>8.2f}{lags[-1]:>8.2f}"
            f"{self.due - len(self.lags):>7}{self.requests / max(1, self.due):>9.2f}"
            f"{1000 * self.cpu / max(1, len(self.lags)):>9.1f}"
            f"{100 * self.cpu / self.wall:>7.0f}%{self.memory:>8.0f}"
            f"   {self.verdict()}"
        )


HEAD = (
    f"{'design':<32}{'flight':>7}{'time':>7}{'lag p50':>9}{'p95':>8}{'max':>8}{'unseen':>7}"
    f"{'req/job':>9}{'ms/job':>9}{'core':>8}{'MB':>8}   aims"
)
