"""Compares what the sandbox did with our database: charged twice, lost, stuck, wrong sums."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.jobs.states import FINAL
from apps.sandbox.faults import FAULTS

NO_WEBHOOK = "[fault:hook_never"
FAULT = re.compile(r"\[fault:([a-z0-9_]+)")
REFERENCE = re.compile(
    r"[?&]order=([0-9a-f]{32})|/([0-9a-f]{32})\.jpg|filename%3D%22([0-9a-f]{32})"
)


@dataclass
class Findings:
    """What was found, and the cases behind each count."""

    jobs: int = 0
    clips: int = 0
    charges: int = 0
    double: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing was charged twice, lost, stuck or wrong."""
        return not (self.double or self.lost or self.stuck or self.wrong)

    def line(self) -> str:
        """Return the closing line."""
        return (
            f"drill: jobs={self.jobs} clips={self.clips} charges={self.charges} "
            f"double={len(self.double)} "
            f"lost={len(self.lost)} stuck={len(self.stuck)} wrong={len(self.wrong)}"
        )

    def __add__(self, other: "Findings") -> "Findings":
        names = ("jobs", "clips", "charges", "double", "lost", "stuck", "wrong")
        return Findings(**{name: getattr(self, name) + getattr(other, name) for name in names})


def reference_in(words: str) -> str:
    """Return our reference in an order of the sandbox: an image's address, or Comet's state."""
    found = REFERENCE.search(words)
    return next(filter(None, found.groups())) if found else words


def unreported_orders(ours: dict[str, Any], truth: list[dict[str, Any]]) -> dict[str, str]:
    """Return by reference the ids of orders that only a person finds: no list, no webhook."""
    silent = {
        job["pk"]
        for job in ours["jobs"]
        if job["vendor"] == "comet" and NO_WEBHOOK in job["prompt_text"]
    }
    references = {
        submission["reference"] for submission in ours["submissions"]
        if submission["outcome"] == "unknown" and submission["job_id"] in silent
    }  # fmt: skip
    return {
        reference: job["id"]
        for job in truth
        if (reference := reference_in(job["reference"])) in references
    }


class Books:
    """Our rows and the vendor's, side by side."""

    def __init__(self, ours: dict[str, Any], truth: list[dict[str, Any]]) -> None:
        self.ours = ours
        self.theirs: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for job in truth:
            self.theirs[reference_in(job["reference"])].append(job)
        self.jobs = {job["pk"]: job for job in ours["jobs"]}
        self.submissions: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for submission in ours["submissions"]:
            self.submissions[submission["job_id"]].append(submission)
        self.clips: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for clip in ours["clips"]:
            self.clips[clip["job_id"]].append(clip)
        self.ledger: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in ours["ledger"]:
            self.ledger[line["order"]].append(line)

    def findings(self) -> Findings:
        """Compare the two."""
        found = Findings(
            jobs=len(self.jobs),
            clips=sum(bool(clip["saved"]) for clip in self.ours["clips"]),
            charges=sum(
                Decimal(job["charged"]) > 0 for jobs in self.theirs.values() for job in jobs
            ),
        )
        found.double = [*self._double()]
        found.stuck = [
            self._name(job) for job in self.jobs.values() if job["state"] not in set(FINAL)
        ]
        for job in self.jobs.values():
            found.lost += self._lost_clips(job)
            found.wrong += self._wrong(job)
        return found

    def _double(self):
        known = {submission["reference"] for submission in self.ours["submissions"]}
        for reference, jobs in self.theirs.items():
            paid = [job for job in jobs if Decimal(job["charged"]) > 0]
            if len(paid) > 1:
                yield f"{reference} was charged {len(paid)} times"
            if paid and reference not in known:
                yield f"{reference} was charged, and nobody here knows of it"

    def _lost_clips(self, job: dict[str, Any]) -> list[str]:
        """Name what the vendor made for a job and a patient customer would have, but we do not."""
        fault = FAULT.search(job["prompt_text"])
        can_be_had = not fault or job["vendor"] in FAULTS[fault[1]].clip_arrives
        saved = sum(bool(clip["saved"]) for clip in self.clips[job["pk"]])
        made = [
            one
            for submission in self.submissions[job["pk"]]
            for one in self.theirs[submission["reference"]]
            if one["status"] in {"completed", "SUCCESS"} and one["outputs"]
        ]  # fmt: skip
        due = sum(one["outputs"] for one in made)
        return (
            [f"{self._name(job)}: {due} made, {saved} saved"] if can_be_had and saved < due else []
        )

    def _wrong(self, job: dict[str, Any]) -> list[str]:
        lines = self.ledger[job["public_id"]]
        held, spent = (sum(Decimal(line[name]) for line in lines) for name in ("held", "spent"))
        theirs = [
            one
            for submission in self.submissions[job["pk"]]
            for one in self.theirs[submission["reference"]]
        ]
        true = sum(Decimal(one["charged"]) - Decimal(one["refunded"]) for one in theirs)
        if held == 0 and spent == true:
            return []
        return [f"{self._name(job)}: held {held}, spent {spent}, by the vendor's ledger {true}"]

    def _name(self, job: dict[str, Any]) -> str:
        outcomes = [
            f"submission {sent['number']} {sent['outcome']}, {sent['search_count']} searches, "
            f"as if of {sent['sent_at']}"
            for sent in self.submissions[job["pk"]]
        ]
        words = f"«{job['prompt_text']}» {outcomes} {job['reason'][:80]}"
        return f"job {job['pk']} {job['vendor']} {job['state']} {words}"
