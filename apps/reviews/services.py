"""What a person can decide."""

from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity.services import mention
from apps.clips.models import Clip
from apps.clips.services import set_verdict
from apps.clips.states import Verdict
from apps.core.errors import DomainError
from apps.reviews.models import Decision
from apps.teams.models import Member
from apps.teams.roles import Permission


class Overtaken(DomainError):
    """Somebody else has decided otherwise since this person looked."""


@transaction.atomic
def decide(
    member: Member,
    clip: Clip,
    verdict: Verdict,
    note: str = "",
    *,
    last_decision_seen: int | None = None,
) -> Decision:
    """Record a decision and set it on the clip; some verdicts need a note.

    Raise Overtaken where the last decision is another than the one that was seen (0: none) and
    not this one.
    """
    member.require(Permission.DECIDE)
    Clip.objects.select_for_update(of=("self",)).get(pk=clip.pk)  # one decides after the other
    last = clip.decisions.select_related("created_by").order_by("-pk").first()
    if (
        last_decision_seen is not None
        and last
        and last.pk != last_decision_seen
        and last.verdict != verdict
    ):
        raise Overtaken(_override_message(last))
    if clip.trashed_at:
        raise DomainError(_("This clip is in the trash. Restore it to decide."))
    if verdict.traits.asks_for_note and not note.strip():
        raise DomainError(str(verdict.traits.asks_for_note))
    decision = Decision.objects.create(
        team=member.team,
        clip=clip,
        verdict=verdict,
        note=note.strip(),
        mentions=mention(member, clip, note, where="note"),
        created_by=member.user,
    )
    set_verdict(member, clip, verdict)
    return decision


def take_back(member: Member, clip: Clip, *, last_decision_seen: int | None = None) -> Decision:
    """Undo the decision that was seen: the clip is in review again, and the history says so."""
    member.require(Permission.DECIDE)
    if clip.verdict == Verdict.UNDECIDED:
        raise DomainError(_("There is no decision to withdraw. The clip is in review."))
    return decide(member, clip, Verdict.UNDECIDED, last_decision_seen=last_decision_seen)


def _override_message(last: Decision) -> str:
    who = last.created_by or _("Someone")
    if last.verdict == Verdict.UNDECIDED:
        return _("%s just withdrew the decision. Press again to confirm yours.") % who
    words = _("%(who)s just decided “%(verdict)s”. Press again to override.")
    return words % {"who": who, "verdict": last.get_verdict_display()}
