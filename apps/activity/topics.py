"""What people and hooks are told of: one table, from what happened to who hears of it, and how."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.activity.states import Pace
from apps.teams.roles import Permission


class Hears(StrEnum):
    """Who hears of something, besides those who may do a certain deed."""

    MAKER = "maker"  # whoever ordered the job
    NAMED = "named"  # whom the event names in its fact `who`
    SUBJECT = "subject"  # the member it happened to


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing to be told of: which events, who hears of them, in which words, and how by default.

    `many` is what several of them in one project are called; without it each stands for itself.
    """

    key: str
    label: str | Promise
    verb: str
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)
    told: Hears | Permission
    one: str | Promise
    many: Any = None
    many_at: str = ""  # the page on which several of them are seen
    mail: Pace = Pace.NEVER
    # what an owner reads who makes a hook; without words, no hook hears of it
    for_hooks: str | Promise = ""

    def fits(self, verb: str, kind: str, facts: dict[str, Any]) -> bool:
        """Whether this event is one of these."""
        same = all(facts.get(name) == value for name, value in self.facts.items())
        return same and verb == self.verb and self.kind in {kind, ""}


TOPICS = (
    Topic(
        key="saved",
        label=_("A clip you ordered is saved"),
        for_hooks=_("A clip is saved"),
        verb="moved",
        kind="job",
        facts={"to": "saved"},
        told=Hears.MAKER,
        one=_("A clip is saved in %(project)s."),
        many=ngettext_lazy(
            "%(count)d clip is saved in %(project)s.",
            "%(count)d clips are saved in %(project)s.",
            "count",
        ),
        many_at="gallery:grid",
    ),
    Topic(
        key="failed",
        label=_("A job of yours failed"),
        for_hooks=_("A job failed"),
        verb="moved",
        kind="job",
        facts={"to": "failed"},
        told=Hears.MAKER,
        one=_("A job in %(project)s failed."),
        many=ngettext_lazy(
            "%(count)d job in %(project)s failed.", "%(count)d jobs in %(project)s failed.", "count"
        ),
        many_at="gallery:grid",
        mail=Pace.HOURLY,
    ),
    Topic(
        key="moderated",
        label=_("A vendor refused a job of yours for its content"),
        for_hooks=_("A vendor refused a job for its content"),
        verb="moved",
        kind="job",
        facts={"to": "moderated"},
        told=Hears.MAKER,
        one=_("A vendor's moderation refused a job in %(project)s."),
        many=ngettext_lazy(
            "A vendor's moderation refused %(count)d job in %(project)s.",
            "Vendors' moderation refused %(count)d jobs in %(project)s.",
            "count",
        ),
        many_at="gallery:grid",
        mail=Pace.HOURLY,
    ),
    Topic(
        key="unconfirmed",
        label=_("A job of yours waits for your word: nobody knows whether it arrived"),
        for_hooks=_("A job is unconfirmed"),
        verb="moved",
        kind="job",
        facts={"to": "unconfirmed"},
        told=Hears.MAKER,
        one=_("A job in %(project)s is unconfirmed: look before it is sent again."),
        mail=Pace.NOW,
    ),
    Topic(
        key="approved",
        label=_("A clip of yours is approved"),
        for_hooks=_("A clip is approved"),
        verb="judged",
        kind="",
        facts={"verdict": "approved"},
        told=Hears.MAKER,
        one=_("%(actor)s approved a clip in %(project)s."),
        many=ngettext_lazy(
            "%(count)d clip in %(project)s is approved.",
            "%(count)d clips in %(project)s are approved.",
            "count",
        ),
        many_at="gallery:grid",
        mail=Pace.DAILY,
    ),
    Topic(
        key="changes",
        label=_("Somebody asks for changes to a clip of yours"),
        for_hooks=_("Changes to a clip are asked for"),
        verb="judged",
        kind="",
        facts={"verdict": "changes_requested"},
        told=Hears.MAKER,
        one=_("%(actor)s asks for changes to a clip in %(project)s."),
        mail=Pace.HOURLY,
    ),
    Topic(
        key="to_decide",
        label=_("A clip waits for a decision"),
        verb="moved",
        kind="job",
        facts={"to": "saved"},
        told=Permission.DECIDE,
        one=_("A clip in %(project)s waits for a decision."),
        many=ngettext_lazy(
            "%(count)d clip in %(project)s waits for a decision.",
            "%(count)d clips in %(project)s wait for a decision.",
            "count",
        ),
        many_at="reviews:queue",
        mail=Pace.DAILY,
    ),
    Topic(
        key="mentioned",
        label=_("Somebody mentions you"),
        verb="mentioned",
        kind="",
        told=Hears.NAMED,
        one=_("%(actor)s mentioned you in %(project)s."),
        mail=Pace.NOW,
    ),
    Topic(
        key="let_in",
        label=_("You are let into a private project"),
        verb="let_in",
        kind="",
        told=Hears.NAMED,
        one=_("%(actor)s let you into %(project)s."),
        mail=Pace.NOW,
    ),
    Topic(
        key="role_changed",
        label=_("Your role changes"),
        verb="role_changed",
        kind="member",
        told=Hears.SUBJECT,
        one=_("%(actor)s gave you another role in %(team)s."),
        mail=Pace.NOW,
    ),
    Topic(
        key="budget_warned",
        label=_("A budget passes its warning"),
        for_hooks=_("A budget passes its warning"),
        verb="warned",
        kind="budget",
        told=Permission.SPEND,
        one=_("The budget of %(whose)s is past its warning: %(percent)s %% used."),
        mail=Pace.DAILY,
    ),
    Topic(
        key="budget_stopped",
        label=_("A budget is used up"),
        for_hooks=_("A budget is used up"),
        verb="used_up",
        kind="budget",
        told=Permission.SPEND,
        one=_("The budget of %(whose)s is used up: no more jobs are ordered against it."),
        mail=Pace.NOW,
    ),
    Topic(
        key="account_broken",
        label=_("A vendor is out of order"),
        for_hooks=_("A vendor is out of order"),
        verb="broke",
        kind="account",
        told=Permission.CONNECT,
        one=_(
            "The vendor of the account %(name)s is out of order. Jobs wait, and go on by themselves."
        ),
        mail=Pace.NOW,
    ),
    Topic(
        key="balance_low",
        label=_("Little is left at a vendor"),
        for_hooks=_("Little is left at a vendor"),
        verb="ran_low",
        kind="account",
        told=Permission.SPEND,
        one=_("Little is left on the vendor account %(name)s: $%(left)s."),
        mail=Pace.DAILY,
    ),
    Topic(
        key="hook_off",
        label=_("An outgoing hook was switched off"),
        verb="hook_failed",
        kind="hook",
        told=Permission.GOVERN,
        one=_("The hook %(name)s has failed for days and was switched off."),
        mail=Pace.NOW,
    ),
)
BY_KEY = {topic.key: topic for topic in TOPICS}
# Those who decide hear that a clip waits; the hook that hears of saved clips has heard it already.
FOR_HOOKS = tuple(topic for topic in TOPICS if topic.for_hooks)
VERBS = frozenset(topic.verb for topic in TOPICS)
TEST = "test"  # what a person sends to see whether a hook works


def topics_of(verb: str, kind: str, facts: dict[str, Any]) -> list[Topic]:
    """Return the topics an event belongs to, the nearest to a person first."""
    return [topic for topic in TOPICS if topic.fits(verb, kind, facts)]
