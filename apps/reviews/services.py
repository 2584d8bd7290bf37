"""What a person can decide."""

from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity.services import mention
from apps.core.errors import DomainError
from apps.jobs.models import Clip
from apps.jobs.services import set_verdict
from apps.jobs.states import Verdict
from apps.reviews.models import Decision
from apps.teams.models import Member
from apps.teams.roles import Deed


@transaction.atomic
def decide(member: Member, clip: Clip, verdict: Verdict, note: str = "") -> Decision:
    """Write a decision down and hang it on the clip; asking for changes needs a note that says which."""
    member.require(Deed.DECIDE)
    if clip.trashed_at:
        raise DomainError(_("This clip is in the trash: restore it before you decide."))
    if verdict == Verdict.CHANGES and not note.strip():
        raise DomainError(_("Say what should change: the note is all the maker has to go by."))
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


def take_back(member: Member, clip: Clip) -> Decision:
    """Undo: the clip is in review again, and the history says so."""
    member.require(Deed.DECIDE)
    if clip.verdict == Verdict.UNDECIDED:
        raise DomainError(_("There is no decision to take back: the clip is in review."))
    return decide(member, clip, Verdict.UNDECIDED)
