"""Every verb that is ever recorded, as a sentence about whoever did it.

A sentence follows the name of its actor, so it begins with a small letter; what stands in %(…)s
comes from the facts of the event. A verb that means something else of another kind of subject
stands with that kind behind it.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

Words = str | Promise

# Kinds of deeds, in the order of their filter; their verbs stand below.
GROUPS: dict[str, Words] = {
    "access": _("Signing in"),
    "people": _("People and roles"),
    "team": _("The team itself"),
    "vendors": _("Vendor accounts"),
    "money": _("Money"),
    "work": _("Projects, images and prompts"),
    "jobs": _("Orders"),
    "decisions": _("Decisions and mentions"),
    "trash": _("The trash"),
    "exports": _("Exports"),
    "machines": _("Tokens and hooks"),
    "steps": _("Steps of jobs"),
}
# What the house does all day by itself: left out of the log until somebody asks for it.
STEPS = "steps"
ORDERS = "jobs"

SENTENCES: dict[str, dict[str, Words]] = {
    "access": {
        "signed_in": _("signed in"),
        "sign_in_failed": _("tried to sign in and failed"),
        "signed_out": _("signed out"),
        "password_changed": _("changed the password"),
        "factor_added": _("added a second factor to the sign-in"),
        "factor_removed": _("took a second factor off the sign-in"),
    },
    "people": {
        "invited": _("invited %(email)s"),
        "revoked": _("took back an invitation"),
        "joined": _("joined the team"),
        "role_changed": _("gave %(person)s another role: %(role)s"),
        "removed": _("removed %(person)s from the team"),
        "left": _("left the team"),
        "handed_over": _("handed the team over to %(person)s"),
        "passed_on": _("passed the work of somebody who goes on to %(person)s"),
        "let_in": _("let %(person)s into the private project"),
        "let_out": _("took somebody out of the private project"),
        "let_go": _("took %(person)s off the list of the private project"),
    },
    "team": {
        "founded": _("founded the team %(name)s"),
        "archived": _("archived the team"),
        "kept_events": _("set how long this log is kept"),
        "kept_trash": _("set how long the trash is kept, in days: %(days)s"),
        "forgot": _("dropped %(count)s events older than %(days)s days"),
        "opened": _("opened the team again"),
        "suspended": _("suspended the team"),
        "renamed": _("renamed it to %(name)s"),
    },
    "vendors": {
        "connected": _("connected the vendor account %(name)s"),
        "edited": _("changed the vendor account %(name)s"),
        "key_replaced": _("replaced the key of the vendor account %(name)s"),
        "unlocked": _("let the vendor account %(name)s take orders"),
        "locked": _("stopped orders to the vendor account %(name)s"),
        "limited": _("set the limits of the vendor account %(name)s: %(limits)s"),
        "broke": _("found the vendor of %(name)s out of order: %(words)s"),
        "recovered": _("found the vendor of %(name)s back in order"),
        "ran_low": _("found only $%(left)s left on the vendor account %(name)s"),
    },
    "money": {
        "set": _("set a budget of $%(limit)s"),
        "changed": _("changed a budget to $%(limit)s"),
        "ended": _("ended a budget of $%(limit)s"),
        "warned": _("saw the budget of %(whose)s pass its warning: %(percent)s %% used"),
        "used_up": _("saw the budget of %(whose)s used up"),
        "priced": _("set the price of %(model)s %(resolution)s to $%(usd)s (%(source)s)"),
        "settled": _("said whether the vendor charged for a job: %(was_charged)s"),
        "missed": _("noted that a refund of $%(usd)s never came"),
        "stated": _("said that a job of unknown price cost $%(usd)s"),
    },
    "work": {
        "began": _("began the project %(name)s"),
        "changed project": _("changed the project %(name)s"),
        "renamed project": _("renamed the project to %(name)s"),
        "made_private": _("made the project private"),
        "made_open": _("opened the project to the whole team"),
        "opened project": _("opened the project to the whole team"),
        "added": _("added the image %(title)s"),
        "wrote": _("wrote version %(number)s of the prompt %(title)s"),
    },
    "jobs": {
        "ordered": _("ordered a clip"),
        "asked_to_stop": _("asked the vendor to stop a job"),
        "asked_to_forget": _("asked the vendor to delete a job"),
        "gave_up": _("gave up an unconfirmed job"),
        "named": _("named a job's id at the vendor: %(id)s"),
        "stopped_fetching": _("stopped trying for missing clips of a job"),
    },
    "decisions": {
        "judged": _("decided on a clip: %(verdict)s"),
        "mentioned": _("mentioned %(names)s"),
    },
    "trash": {
        "trashed": _("moved a clip to the trash"),
        "restored": _("brought a clip back from the trash"),
        "emptied": _("emptied the trash, clips in it: %(count)s"),
        "wiped": _("removed a clip from the trash for good, with its files"),
    },
    "exports": {"exported": _("exported %(what)s as %(format)s")},
    "machines": {
        "token_made": _("made the token %(name)s"),
        "token_revoked": _("revoked the token %(name)s"),
        "hook_made": _("made the hook %(name)s to %(host)s"),
        "hook_changed": _("changed the hook %(name)s to %(host)s"),
        "hook_removed": _("removed the hook %(name)s"),
        "hook_tested": _("sent a test to the hook %(name)s"),
        "hook_failed": _("switched the hook %(name)s off: nothing came through for days"),
    },
    "steps": {
        "moved": _("moved a job on: %(to)s"),
        "not_stopped": _("heard from the vendor that a job was not stopped"),
        "forgotten": _("heard from the vendor that a job was deleted there"),
        "not_forgotten": _("heard that a job was not deleted at the vendor: %(why)s"),
        "found_twin": _("found the same job at the vendor twice"),
    },
}

KINDS: dict[str, Words] = {
    "team": _("Team"),
    "member": _("Member"),
    "user": _("Person"),
    "invitation": _("Invitation"),
    "token": _("Token"),
    "hook": _("Hook"),
    "project": _("Project"),
    "image": _("Image"),
    "prompt": _("Prompt"),
    "account": _("Vendor account"),
    "budget": _("Budget"),
    "job": _("Job"),
    "clip": _("Clip"),
}

# What facts say in a word of the machine.
VALUES: dict[str, Words] = {
    "draft": _("draft"),
    "queued": _("queued"),
    "submitting": _("submitting"),
    "unconfirmed": _("unconfirmed"),
    "at_vendor": _("at the vendor"),
    "saving": _("saving"),
    "saved": _("saved"),
    "moderated": _("moderated"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
    "undecided": _("taken back"),
    "approved": _("approved"),
    "changes_requested": _("changes requested"),
    "True": _("yes"),
    "False": _("no"),
    "audit": _("the audit log"),
    "money": _("the ledger"),
    "clip_costs": _("the costs per clip"),
    "csv": "CSV",
    "json": "JSON",
}


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"  # an older event, or another room's, knows less


BY_VERB = {verb: words for said in SENTENCES.values() for verb, words in said.items()}


def verbs_of(group: str) -> list[tuple[str, str, list[str]]]:
    """Return the verbs of one kind of deeds: each with its kind of subject, or with those it is not of."""
    verbs = [key.partition(" ")[::2] for key in SENTENCES.get(group, {})]
    return [(verb, kind, [] if kind else _kinds_apart(verb)) for verb, kind in verbs]


def _kinds_apart(verb: str) -> list[str]:
    return [key.removeprefix(f"{verb} ") for key in BY_VERB if key.startswith(f"{verb} ")]


def has_words(verb: str) -> bool:
    """Whether there is a sentence for this verb."""
    return verb in BY_VERB


def sentence(verb: str, facts: Mapping[str, Any], kind: str = "") -> str:
    """Return what happened as a sentence without its actor; a verb nobody knows is shown as it is."""
    words = BY_VERB.get(f"{verb} {kind}", BY_VERB.get(verb))
    if words is None:
        return verb.replace("_", " ")
    return str(words) % _Facts({name: _value(value) for name, value in facts.items()})


def kind_words(kind: str) -> str:
    """Return what people call a kind of subject."""
    return str(KINDS.get(kind, kind or now_in_words("Something")))


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(VALUES.get(str(value), value)) if value not in (None, "") else "–"
