"""Services of the prompt library."""

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.events import record
from apps.prompts.models import Prompt, Version
from apps.teams.models import Member
from apps.teams.roles import Permission


@transaction.atomic
def create_prompt(member: Member, *, title: str, text: str) -> Prompt:
    """Add a prompt to the library, with its first version."""
    member.require(Permission.CREATE)
    try:
        with transaction.atomic():
            prompt = Prompt.objects.create(team=member.team, title=title, created_by=member.user)
    except IntegrityError:
        raise DomainError(_("A prompt with this title already exists.")) from None
    _add_version(member, prompt, text, note="")
    return prompt


@transaction.atomic
def revise(member: Member, prompt: Prompt, *, text: str, note: str = "") -> Version:
    """Add a version; earlier ones stay. An unchanged text adds nothing."""
    member.require(Permission.CREATE)
    Prompt.objects.select_for_update().get(pk=prompt.pk)
    newest = prompt.versions.order_by("-number").first()
    if newest and newest.text == text:
        return newest
    return _add_version(member, prompt, text, note=note)


def _add_version(member: Member, prompt: Prompt, text: str, *, note: str) -> Version:
    last = prompt.versions.aggregate(last=Max("number"))["last"] or 0
    version = Version.objects.create(
        team=member.team,
        prompt=prompt,
        number=last + 1,
        text=text,
        note=note,
        created_by=member.user,
    )
    record("wrote", prompt, actor=member.user, title=prompt.title, number=version.number)
    return version
