"""Every fault the sandbox knows, in one table; `calling` says how an order comes to have one.

The *patient customer* of the table orders once; orders again only what was provably not taken (a
429, a full queue); looks again for as long as it takes; looks in the list, where there is one, for
an order whose answer was lost; and fetches a clip again where it did not come whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

PRIVATE = "http://169.254.169.254/latest/meta-data/"
ELSEWHERE = "https://elsewhere.example.test/"
WAVESPEED, COMET = frozenset({"wavespeed"}), frozenset({"comet"})
BOTH, NONE = WAVESPEED | COMET, frozenset[str]()


class Where(StrEnum):
    """Which part of a job's life a fault belongs to."""

    ORDER = "order"  # the answer to an order that is not taken
    TAKEN = "taken"  # the answer to an order that is taken and charged
    LOOK = "look"  # answers to questions about a job, alone or in a list
    LIST = "list"
    JOB = "job"
    CLIP = "clip"
    HOOK = "hook"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can go wrong, and what comes of it for a patient customer."""

    name: str
    where: Where
    # What is done; several names may do the same in several places.
    act: str
    meaning: str
    contracts: frozenset[str] = BOTH
    # Under which contracts a patient customer still gets the clip.
    clip: frozenset[str] = BOTH
    # Whether the money is gone in the end.
    charged: bool = True
    # How often it bites before it heals; None for ever. A prompt may say times=NUMBER or
    # times=ever.
    times: int | None = None
    # What else a prompt may say, and what holds where it does not.
    options: Mapping[str, str] = field(default_factory=dict)


_Never = partial(Fault, clip=NONE, charged=False)
# What is done, what it looks like, and its options.
Answers = tuple[tuple[str, str, Mapping[str, str]], ...]
ANSWERS: Answers = (
    ("server_error", "a 500 is answered (status=… for another)", {"status": "500"}),
    ("cut", "the connection ends without an answer", {}),
    ("malformed", "half a JSON text is answered", {}),
    ("html", "a page of HTML is answered (200; status=… for another)", {"status": "200"}),
    ("empty", "nothing is answered (200)", {}),
)
LONG_ANSWERS: Answers = (
    ("half", "the connection ends in the middle of the answer", {}),
    ("drip", "the answer drips slowly (seconds=…)", {"seconds": "1"}),
)
LOOK_ANSWERS: Answers = (
    ("busy", "429 is answered (retry_after=… sends the header)", {}),
    ("missing", "the job is not known", {}),
    ("redirect", f"the answer leads to {ELSEWHERE}", {"location": ELSEWHERE}),
    ("redirect_private", f"the answer leads to {PRIVATE}", {"location": PRIVATE}),
)


def _orders() -> Iterator[Fault]:
    """Orders that are not taken."""
    place = Where.ORDER
    yield _Never("refuse", place, "refuse", "The order is refused as a bad request.")
    yield _Never("unauthorised", place, "unauthorised", "The key is refused.")
    yield _Never("no_credit", place, "no_credit", "The account has no credit left.")
    yield _Never(
        "moderated_order", place, "moderated", "The order is refused for what its words say."
    )
    yield Fault("429", place, "busy", "429 once; retry_after=SECONDS sends the header.", times=1)
    yield Fault(
        "429_wait", place, "busy", "429 once, with a header.", times=1, options={"retry_after": "1"}
    )
    for act, meaning, options in (*ANSWERS, *LOOK_ANSWERS[2:]):
        name = act if act.startswith("redirect") else f"answer_{act}_before"
        yield _Never(name, place, act, f"The order is not taken; {meaning}.", options=options)


def _taken() -> Iterator[Fault]:
    """Orders that are taken, whose answers do not say so."""
    for act, meaning, options in (*ANSWERS, *LONG_ANSWERS):
        name = "answer_lost" if act == "cut" else f"answer_{act}"
        words = f"The order is taken and charged; {meaning}."
        yield Fault(
            name,
            Where.TAKEN,
            act,
            words,
            clip=BOTH if act == "drip" else WAVESPEED,
            options=options,
        )


def _comet_codes() -> Iterator[Fault]:
    """Answers with a return code of midjourney-proxy (contracts 3.3)."""
    for code, words in (
        (3, "no account is free"),
        (4, "it does not validate"),
        (5, "unknown"),
        (24, "banned"),
    ):
        meaning, options = f"The order is not taken, code {code}: {words}.", {"code": str(code)}
        yield _Never(
            f"comet_{code}", Where.ORDER, "code", meaning, contracts=COMET, options=options
        )
    for code, words in (
        (9, "queue full, as trueai says it"),
        (23, "queue full"),
        (30, "saturated, 429"),
    ):
        meaning, options = (
            f"The order is not taken, code {code}: {words}; the next one is.",
            {"code": str(code)},
        )
        yield Fault(
            f"comet_{code}", Where.ORDER, "code", meaning, contracts=COMET, times=1, options=options
        )
    for code, words in ((21, "it exists already"), (22, "it waits in the queue")):
        meaning, options = f"The order is taken with code {code}: {words}.", {"code": str(code)}
        yield Fault(f"comet_{code}", Where.TAKEN, "code", meaning, contracts=COMET, options=options)


def _looks() -> Iterator[Fault]:
    """Answer looks badly, once."""
    for act, meaning, options in (*ANSWERS, *LONG_ANSWERS, *LOOK_ANSWERS):
        yield Fault(
            f"look_{act}", Where.LOOK, act, f"At one look {meaning}.", times=1, options=options
        )


def _tellings() -> Iterator[Fault]:
    """Answers of good form that say something odd."""
    look = partial(Fault, where=Where.LOOK, act="tell")
    yield look(
        "unknown_word", meaning="For two looks the status is a word nobody has heard.", times=2
    )
    yield look(
        "late_result",
        meaning="At one look it has failed; at the next it is done after all.",
        times=1,
    )
    yield look(
        "no_urls", meaning="For two looks it is done, but no address of a clip is told.", times=2
    )
    yield look("odd_shapes", meaning="Lists are null or of texts; objects are texts of JSON.")
    of_list = partial(Fault, where=Where.LIST, act="tell")
    yield of_list("list_no_outputs", meaning="The list leaves the outputs out.")
    yield of_list("list_misses", meaning="The list misses the job.")
    yield of_list("list_shuffled", meaning="The list is in another order.")
    yield of_list(
        "list_no_total", meaning="The list does not say how many there are.", contracts=WAVESPEED
    )


# Task codes of WaveSpeed with our words for them (contracts 1.6).
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


def _endings() -> Iterator[Fault]:
    """Jobs that do not go well."""
    late = "It ends an hour late by the sandbox's clock (seconds=…)."
    yield Fault("stuck", Where.JOB, "stuck", "It runs for ever.", clip=NONE)
    yield Fault("late", Where.JOB, "late", late, options={"seconds": "3600"})
    fails = partial(_Never, where=Where.JOB, act="fail")
    yield fails(
        "moderated", meaning="Stopped for what it shows, and refunded.", options={"code": "1200"}
    )
    for code, words in TASK_CODES.items():
        meaning = f"It fails with task code {code} ({words}), and is refunded."
        yield fails(f"failed_{code}", meaning=meaning, options={"code": str(code)})
    for status in ("timeout", "cancelled"):
        options = {"code": "5004" if status == "timeout" else "0", "status": status}
        yield fails(status, meaning=f"It ends as {status}, and is refunded.", options=options)
    kept = partial(fails, charged=True)
    deleted = "It ends as deleted, and the money stays."
    yield kept(
        "deleted", meaning=deleted, contracts=WAVESPEED, options={"code": "0", "status": "deleted"}
    )
    modal = "It waits for a confirmation that nobody can give, and the money stays."
    yield kept("modal", meaning=modal, contracts=COMET, options={"code": "0", "status": "modal"})


CLIP_ACTS = {
    "404": "the clip is not there",
    "server_error": "the clip's server is out of order (500)",
    "truncated": "half of the clip comes, although all of it was promised",
    "cut": "the connection is reset in the middle of the clip",
    "short": "a smaller length is said than the clip has",
    "html": "there is a page of HTML in its place (200)",
    "text": "there is a text in its place that says it is a video",
    "huge": "2 GB are promised, and sent",
    "endless": "it never ends",
    "redirect_private": f"it leads to {PRIVATE}",
}


def _clips() -> Iterator[Fault]:
    """Clips that do not come as they should; clip=NUMBER means one of them, counted from 0."""
    for act, meaning in CLIP_ACTS.items():
        yield Fault(f"clip_{act}", Where.CLIP, act, f"For ever: {meaning}.", clip=NONE)
        yield Fault(f"clip_{act}_once", Where.CLIP, act, f"Once: {meaning}.", times=1)
    yield Fault(
        "clip_drip", Where.CLIP, "drip", "It drips slowly (seconds=…).", options={"seconds": "1"}
    )
    expires = "The address of the first look is dead; a fresh look gives another one that works."
    yield Fault("clip_expires", Where.CLIP, "expires", expires, times=1)


def _hooks() -> Iterator[Fault]:
    """Make calls to the customer as they should not be; who looks gets the clip all the same."""
    hook = partial(Fault, where=Where.HOOK, act="call")
    yield hook("hook_duplicate", meaning="Every call is made twice.")
    yield hook(
        "hook_forged", meaning="Instead of the honest call one tells of a failure, wrongly signed."
    )
    replayed = "Calls come an hour old, and signed for that hour where they are signed (seconds=…)."
    yield hook("hook_replayed", meaning=replayed, options={"seconds": "3600"})
    yield hook("hook_never", meaning="No call is ever made.")
    late = "Calls come ten minutes late by the sandbox's clock (seconds=…)."
    yield hook("hook_late", meaning=late, options={"seconds": "600"})


_TABLE = (_orders, _taken, _comet_codes, _looks, _tellings, _endings, _clips, _hooks)
FAULTS: dict[str, Fault] = {fault.name: fault for part in _TABLE for fault in part()}
