"""What a person can do with a clip: judge it, move it to the trash, restore it, empty the trash."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.clips.models import Clip
from apps.clips.states import Verdict
from apps.clips.tasks import empty
from apps.core.database import after_commit
from apps.core.errors import DomainError
from apps.core.events import record
from apps.teams.models import Member
from apps.teams.roles import Permission


def set_verdict(member: Member, clip: Clip, verdict: Verdict) -> None:
    """Write the team's verdict beside the clip, where lists can find it; `reviews` decides it."""
    Clip.objects.filter(pk=clip.pk).update(verdict=verdict)
    record("judged", clip, actor=member.user, verdict=str(verdict), **clip.event_facts)


@transaction.atomic
def move_to_trash(member: Member, clip: Clip) -> None:
    """Move a clip to the trash, from where it can be restored for some days.

    A clip that is there already stays as it is.
    """
    member.require(Permission.DISCARD)
    visible = Clip.objects.visible().filter(pk=clip.pk)
    if visible.update(trashed_at=timezone.now(), trashed_by=member.user):
        record("trashed", clip, actor=member.user, **clip.event_facts)


@transaction.atomic
def restore(member: Member, clip: Clip) -> None:
    """Restore a clip from the trash; raise DomainError where it is deleted."""
    member.require(Permission.DISCARD)
    if Clip.objects.in_trash().filter(pk=clip.pk).update(trashed_at=None, trashed_by=None):
        record("restored", clip, actor=member.user, **clip.event_facts)
    elif Clip.objects.filter(pk=clip.pk, gone_at__isnull=False).exists():
        raise DomainError(_("This clip was deleted and can't be restored."))


@transaction.atomic
def empty_trash(member: Member, *, seen: int) -> None:
    """Delete all clips in the trash that this member sees; raise unless they are `seen`.

    From here on nothing restores them; their files are removed in the background.
    """
    member.require(Permission.GOVERN)
    now = timezone.now()
    count = Clip.objects.in_trash().update(gone_at=now, remove_at=now)
    if not count:
        raise DomainError(_("The trash is empty."))
    if count != seen:
        words = ngettext(
            "There is %d clip in the trash now.", "There are %d clips in the trash now.", count
        )
        raise DomainError(_("%s Check it before you empty it.") % (words % count))
    record("emptied", member.team, actor=member.user, count=count)
    after_commit(empty.delay)
