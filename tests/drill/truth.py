"""What the sandbox did, held against what the house knows: charged twice, lost, stuck, wrong sums."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.jobs.states import FINAL
from apps.sandbox.faults import FAULTS

NEVER_CALLS = "[fault:hook_never"
FAULT = re.compile(r"\[fault:([a-z0-9_]+)")
MARK = re.compile(r"[?&]order=([0-9a-f]{32})|/([0-9a-f]{32})\.jpg|filename%3D%22([0-9a-f]{32})")


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
        """Whether all of the last four are none."""
        return not (self.double or self.lost or self.stuck or self.wrong)

    def line(self) -> str:
        """Return the closing line."""
        return (
            f"drill: jobs={self.jobs} clips={self.clips} charges={self.charges} double={len(self.double)} "
            f"lost={len(self.lost)} stuck={len(self.stuck)} wrong={len(self.wrong)}"
        )

    def __add__(self, other: "Findings") -> "Findings":
        names = ("jobs", "clips", "charges", "double", "lost", "stuck", "wrong")
        return Findings(**{name: getattr(self, name) + getattr(other, name) for name in names})


def mark_in(words: str) -> str:
    """Return our mark in what the sandbox kept of an order: an image's address, or the mark itself."""
    found = MARK.search(words)
    return next(filter(None, found.groups())) if found else words


def untold(house: dict[str, Any], truth: list[dict[str, Any]]) -> dict[str, str]:
    """Return by mark the ids of orders that only a person can find: no list has them, and no call is ever made."""
    silent = {
        job["pk"]
        for job in house["jobs"]
        if job["vendor"] == "comet" and NEVER_CALLS in job["prompt_text"]
    }
    marks = {
        submission["reference"] for submission in house["submissions"]
        if submission["outcome"] == "unknown" and submission["job_id"] in silent
    }  # fmt: skip
    return {mark: job["id"] for job in truth if (mark := mark_in(job["reference"])) in marks}


class Books:
    """Both sides of the counter, side by side."""

    def __init__(self, house: dict[str, Any], truth: list[dict[str, Any]]) -> None:
        self.house = house
        self.theirs: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for job in truth:
            self.theirs[mark_in(job["reference"])].append(job)
        self.jobs = {job["pk"]: job for job in house["jobs"]}
        self.submissions: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for submission in house["submissions"]:
            self.submissions[submission["job_id"]].append(submission)
        self.clips: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for clip in house["clips"]:
            self.clips[clip["job_id"]].append(clip)
        self.lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in house["lines"]:
            self.lines[line["order"]].append(line)

    def findings(self) -> Findings:
        """Hold one against the other."""
        found = Findings(
            jobs=len(self.jobs),
            clips=sum(bool(clip["saved"]) for clip in self.house["clips"]),
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
        known = {submission["reference"] for submission in self.house["submissions"]}
        for mark, jobs in self.theirs.items():
            paid = [job for job in jobs if Decimal(job["charged"]) > 0]
            if len(paid) > 1:
                yield f"{mark} was charged {len(paid)} times"
            if paid and mark not in known:
                yield f"{mark} was charged, and nobody here knows of it"

    def _lost_clips(self, job: dict[str, Any]) -> list[str]:
        """Name what the vendor made for a job, and a patient customer could have had, that is not here."""
        fault = FAULT.search(job["prompt_text"])
        can_be_had = not fault or job["vendor"] in FAULTS[fault[1]].clip_arrives
        saved = sum(bool(clip["saved"]) for clip in self.clips[job["pk"]])
        made = [
            one for submission in self.submissions[job["pk"]] for one in self.theirs[submission["reference"]]
            if one["status"] in {"completed", "SUCCESS"} and one["outputs"]
        ]  # fmt: skip
        due = sum(one["outputs"] for one in made)
        return (
            [f"{self._name(job)}: {due} made, {saved} saved"] if can_be_had and saved < due else []
        )

    def _wrong(self, job: dict[str, Any]) -> list[str]:
        lines = self.lines[job["public_id"]]
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
            f"submission {sent['number']} {sent['outcome']}, {sent['search_count']} searches, as if of {sent['sent_at']}"
            for sent in self.submissions[job["pk"]]
        ]
        return f"job {job['pk']} {job['vendor']} {job['state']} «{job['prompt_text']}» {outcomes} {job['reason'][:80]}"
