"""What a person can do with what is kept: throw it away, bring it back, or let it go for good."""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.errors import DomainError
from apps.core.events import record
from apps.gallery.tasks import empty
from apps.jobs.models import Clip
from apps.teams.models import Member
from apps.teams.roles import Permission


@transaction.atomic
def throw_away(member: Member, clip: Clip) -> None:
    """Move a clip to the trash, from where it can be brought back for a while; what lies there stays as it is."""
    member.require(Permission.DISCARD)
    here = Clip.objects.saved().filter(pk=clip.pk)
    if here.update(trashed_at=timezone.now(), trashed_by=member.user):
        _tell("trashed", member, clip)


@transaction.atomic
def restore(member: Member, clip: Clip) -> None:
    """Bring a clip back from the trash; raise DomainError where it is gone for good."""
    member.require(Permission.DISCARD)
    if Clip.objects.in_trash().filter(pk=clip.pk).update(trashed_at=None, trashed_by=None):
        _tell("restored", member, clip)
    elif Clip.objects.filter(pk=clip.pk, gone_at__isnull=False).exists():
        raise DomainError(_("This clip was deleted and can't be restored."))


def _tell(verb: str, member: Member, clip: Clip) -> None:
    # On its job, whose tiles listen for it; a clip that outlived its job speaks for itself.
    record(
        verb, clip.job or clip, actor=member.user, clip=str(clip.public_id), take=clip.number + 1
    )


@transaction.atomic
def empty_trash(member: Member, *, seen: int) -> None:
    """Let everything in the trash go that this member sees; raise DomainError unless that is `seen` clips.

    From here on nothing brings them back; their files are removed in the background.
    """
    member.require(Permission.GOVERN)
    now = timezone.now()
    gone = Clip.objects.in_trash().update(gone_at=now, remove_at=now)
    if not gone:
        raise DomainError(_("The trash is empty."))
    if gone != seen:
        words = ngettext(
            "There is %d clip in the trash now.", "There are %d clips in the trash now.", gone
        )
        raise DomainError(_("%s Look again before you empty it.") % (words % gone))
    record("emptied", member.team, actor=member.user, count=gone)
    transaction.on_commit(partial(empty.delay), robust=True)
