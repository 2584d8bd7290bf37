"""Every fault the sandbox can inject, in one table; `fault_injection` says how an order gets one.

The table says what a *patient customer* gets. Such a customer orders once, and orders again only
what was provably not accepted (a 429, a full queue). It polls for as long as it takes, searches the
vendor's list for an order whose answer was lost, and downloads an incomplete clip again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

PRIVATE_URL = "http://169.254.169.254/latest/meta-data/"
FOREIGN_URL = "https://elsewhere.example.test/"
WAVESPEED = frozenset({"wavespeed"})
COMET = frozenset({"comet"})
BOTH = WAVESPEED | COMET
NEITHER = frozenset[str]()


class Stage(StrEnum):
    """The part of a job's life that a fault belongs to."""

    ORDER = "order"  # the answer to an order that is not accepted
    ACCEPTED = "accepted"  # the answer to an order that is accepted and charged
    POLL = "poll"  # answers to polls, for one job or in a list
    LIST = "list"
    JOB = "job"
    CLIP = "clip"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can go wrong, and its result for a patient customer."""

    name: str
    stage: Stage
    # The action that the code takes; several faults may take the same one in several stages.
    action: str
    meaning: str
    contracts: frozenset[str] = BOTH
    # The contracts under which a patient customer still gets the clip.
    clip_arrives: frozenset[str] = BOTH
    # Whether the customer has paid in the end.
    is_charged: bool = True
    # How often it fires; None for no limit. A prompt may say times=NUMBER or times=ever.
    times: int | None = None
    # Further options that a prompt may give, with their defaults.
    options: Mapping[str, str] = field(default_factory=dict)


_fault_without_clip = partial(Fault, clip_arrives=NEITHER, is_charged=False)
# Action, meaning and options of bad answers.
Answers = tuple[tuple[str, str, Mapping[str, str]], ...]
ANSWERS: Answers = (
    ("server_error", "the answer is a 500 (status=… for another)", {"status": "500"}),
    ("cut", "the connection ends without an answer", {}),
    ("malformed", "the answer is half a JSON text", {}),
    ("html", "the answer is a page of HTML (200; status=… for another)", {"status": "200"}),
    ("empty", "the answer is empty (200)", {}),
)
LONG_ANSWERS: Answers = (
    ("half", "the connection ends in the middle of the answer", {}),
    ("drip", "the answer arrives slowly (seconds=…)", {"seconds": "1"}),
)
REDIRECTS: Answers = (
    ("redirect", f"the answer redirects to {FOREIGN_URL}", {"location": FOREIGN_URL}),
    ("redirect_private", f"the answer redirects to {PRIVATE_URL}", {"location": PRIVATE_URL}),
)
POLL_ANSWERS: Answers = (
    ("busy", "the answer is a 429 (retry_after=… sends the header)", {}),
    ("missing", "the answer is a 404, as for an unknown job", {}),
    *REDIRECTS,
)


def _order_faults() -> Iterator[Fault]:
    """Yield faults of orders that are not accepted."""
    stage = Stage.ORDER
    yield _fault_without_clip("refuse", stage, "refuse", "The order is refused as a bad request.")
    yield _fault_without_clip("unauthorised", stage, "unauthorised", "The key is refused.")
    yield _fault_without_clip("no_credit", stage, "no_credit", "The account has no credit left.")
    yield _fault_without_clip(
        "moderated_order", stage, "moderated", "Moderation refuses the order for its words."
    )
    busy = partial(Fault, stage=stage, action="busy", times=1)
    yield busy("429", meaning="429 once; retry_after=SECONDS sends the header.")
    yield busy("429_wait", meaning="429 once, with a header.", options={"retry_after": "1"})
    for action, meaning, options in (*ANSWERS, *REDIRECTS):
        name = action if action.startswith("redirect") else f"answer_{action}_before"
        sentence = f"The order is not accepted; {meaning}."
        yield _fault_without_clip(name, stage, action, sentence, options=options)


def _accepted_faults() -> Iterator[Fault]:
    """Yield faults of orders that are accepted although their answer does not say so."""
    for action, meaning, options in (*ANSWERS, *LONG_ANSWERS):
        yield Fault(
            "answer_lost" if action == "cut" else f"answer_{action}",
            Stage.ACCEPTED,
            action,
            f"The order is accepted and charged; {meaning}.",
            clip_arrives=BOTH if action == "drip" else WAVESPEED,
            options=options,
        )


def _comet_codes() -> Iterator[Fault]:
    """Yield midjourney-proxy's return codes (docs/vendor-contracts.md, section 3.3)."""
    code_fault = partial(Fault, action="code", contracts=COMET)
    refusals = {3: "no account is free", 4: "it does not validate", 5: "unknown", 24: "banned"}
    for code, reason in refusals.items():
        yield code_fault(
            f"comet_{code}",
            Stage.ORDER,
            meaning=f"The order is not accepted, code {code}: {reason}.",
            clip_arrives=NEITHER,
            is_charged=False,
            options={"code": str(code)},
        )
    delays = {9: "queue full, as trueai answers it", 23: "queue full", 30: "saturated, 429"}
    for code, reason in delays.items():
        yield code_fault(
            f"comet_{code}",
            Stage.ORDER,
            meaning=f"The order is not accepted, code {code}: {reason}; the next one is.",
            times=1,
            options={"code": str(code)},
        )
    successes = {21: "it exists already", 22: "it waits in the queue"}
    for code, reason in successes.items():
        yield code_fault(
            f"comet_{code}",
            Stage.ACCEPTED,
            meaning=f"The order is accepted with code {code}: {reason}.",
            options={"code": str(code)},
        )


def _poll_faults() -> Iterator[Fault]:
    """Yield bad answers to one poll."""
    for action, meaning, options in (*ANSWERS, *LONG_ANSWERS, *POLL_ANSWERS):
        sentence = f"At one poll {meaning}."
        yield Fault(f"look_{action}", Stage.POLL, action, sentence, times=1, options=options)


def _view_faults() -> Iterator[Fault]:
    """Yield well-formed answers with odd content."""
    poll = partial(Fault, stage=Stage.POLL, action="view")
    yield poll("unknown_word", meaning="For two polls the status is an unknown word.", times=2)
    late = "At one poll the job has failed; at the next it is completed."
    yield poll("late_result", meaning=late, times=1)
    no_urls = "For two polls the job is completed, but without an address of a clip."
    yield poll("no_urls", meaning=no_urls, times=2)
    odd = "Lists are null or hold texts; objects are texts of JSON."
    yield poll("odd_shapes", meaning=odd)
    in_list = partial(Fault, stage=Stage.LIST, action="view")
    yield in_list("list_no_outputs", meaning="The list leaves the outputs out.")
    yield in_list("list_misses", meaning="The list leaves the job out.")
    yield in_list("list_shuffled", meaning="The list is in another order.")
    no_total = "The list does not say how many jobs there are."
    yield in_list("list_no_total", meaning=no_total, contracts=WAVESPEED)


# WaveSpeedAI's task codes with our texts (docs/vendor-contracts.md, section 1.6).
TASK_CODES = {
    1200: "Content flagged as potentially sensitive",
    1400: "Missing parameter",
    1401: "Invalid parameter",
    1402: "Failed to fetch the image",
    1403: "Execution failed",
    1405: "Task failed",
    5000: "Internal error",
    5003: "Service unavailable",
    5004: "Task timed out",
}


def _job_faults() -> Iterator[Fault]:
    """Yield jobs that do not end, end late, or end without a clip."""
    late = "It ends an hour late by the sandbox's clock (seconds=…)."
    yield Fault("stuck", Stage.JOB, "stuck", "It never ends.", clip_arrives=NEITHER)
    yield Fault("late", Stage.JOB, "late", late, options={"seconds": "3600"})
    failure = partial(_fault_without_clip, stage=Stage.JOB, action="fail")
    moderated = "Moderation stops it for what it shows, with a refund."
    yield failure("moderated", meaning=moderated, options={"code": "1200"})
    for task_code, text in TASK_CODES.items():
        meaning = f"It fails with task code {task_code} ({text}), with a refund."
        yield failure(f"failed_{task_code}", meaning=meaning, options={"code": str(task_code)})
    for status, code in (("timeout", "5004"), ("cancelled", "0")):
        options = {"code": code, "status": status}
        yield failure(status, meaning=f"It ends as {status}, with a refund.", options=options)
    without_refund = partial(failure, is_charged=True)
    yield without_refund(
        "deleted",
        meaning="It ends as deleted, without a refund.",
        contracts=WAVESPEED,
        options={"code": "0", "status": "deleted"},
    )
    yield without_refund(
        "modal",
        meaning="It waits for a confirmation that nobody can give, without a refund.",
        contracts=COMET,
        options={"code": "0", "status": "modal"},
    )


CLIP_ACTIONS = {
    "404": "the clip is missing",
    "server_error": "the clip's server answers 500",
    "truncated": "half of the clip arrives, although the head promises all of it",
    "cut": "the connection is reset in the middle of the clip",
    "short": "the head promises fewer bytes than the clip has",
    "html": "a page of HTML is in its place (200)",
    "text": "a text is in its place that claims to be a video",
    "huge": "2 GB are promised and sent",
    "endless": "the body never ends",
    "redirect_private": f"the answer redirects to {PRIVATE_URL}",
}


def _clip_faults() -> Iterator[Fault]:
    """Yield bad downloads; clip=NUMBER selects one clip of a job, counted from 0."""
    for action, meaning in CLIP_ACTIONS.items():
        always = f"At every download {meaning}."
        yield Fault(f"clip_{action}", Stage.CLIP, action, always, clip_arrives=NEITHER)
        yield Fault(f"clip_{action}_once", Stage.CLIP, action, f"Once {meaning}.", times=1)
    drip = "It arrives slowly (seconds=…)."
    yield Fault("clip_drip", Stage.CLIP, "drip", drip, options={"seconds": "1"})
    expires = "The address in the first poll has expired; the next poll gives one that works."
    yield Fault("clip_expires", Stage.CLIP, "expires", expires, times=1)


def _webhook_faults() -> Iterator[Fault]:
    """Yield bad webhooks; whoever polls gets the clip all the same."""
    webhook = partial(Fault, stage=Stage.WEBHOOK, action="webhook")
    yield webhook("hook_duplicate", meaning="Every webhook is sent twice.")
    forged = "Instead of the real webhook one reports a failure, with a wrong signature."
    yield webhook("hook_forged", meaning=forged)
    replayed = (
        "Webhooks are an hour old, and signed for that hour where they are signed (seconds=…)."
    )
    yield webhook("hook_replayed", meaning=replayed, options={"seconds": "3600"})
    yield webhook("hook_never", meaning="No webhook is sent.")
    late = "Webhooks are sent ten minutes late by the sandbox's clock (seconds=…)."
    yield webhook("hook_late", meaning=late, options={"seconds": "600"})


_TABLE = (
    _order_faults,
    _accepted_faults,
    _comet_codes,
    _poll_faults,
    _view_faults,
    _job_faults,
    _clip_faults,
    _webhook_faults,
)
FAULTS: dict[str, Fault] = {fault.name: fault for faults in _TABLE for fault in faults()}
