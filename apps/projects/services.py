"""What a person can do with projects and images."""

from hashlib import sha256
from threading import BoundedSemaphore

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.activity.services import record
from apps.core.errors import DomainError
from apps.core.names import title_from
from apps.footage.pictures import Picture, average_colour, clean_jpeg, read_picture, thumbnail_webp
from apps.projects.models import Image, Original, Project
from apps.projects.originals import original_of
from apps.teams.models import Member
from apps.teams.roles import Deed

# A picture at the limit needs almost a gigabyte while it is read; more of them at once wait in line.
_AT_ONCE = BoundedSemaphore(2)


@transaction.atomic
def begin_project(member: Member, *, name: str, brief: str = "") -> Project:
    """Begin a project; its name is free within the team."""
    member.require(Deed.PLAN)
    try:
        with transaction.atomic():
            project = Project.objects.create(team=member.team, name=name, brief=brief, created_by=member.user)
    except IntegrityError:
        raise DomainError(_("There is a project of that name already.")) from None
    record("began", project, actor=member.user, name=name)
    return project


def add_image(member: Member, project: Project, *, data: bytes, name: str) -> Image:
    """Put a picture into a project; the same picture twice is the same image. Raises BadPicture."""
    member.require(Deed.CREATE)
    digest = sha256(data).hexdigest()
    known = Image.objects.filter(project=project, sha256=digest).first()
    if known:
        return known
    with _AT_ONCE:
        picture = read_picture(data)
        image = _described(member, project, picture, name, digest)
        # Files first: a row never points at a file that isn't there.
        _store(image.file, clean_jpeg(picture))
        _store(image.thumbnail, thumbnail_webp(picture))
        original = original_of(image, data=data, name=name, says_where=picture.says_where)
        if original:
            _store(original.file, data)
    return _saved(member, image, original)


def _described(member: Member, project: Project, picture: Picture, name: str, digest: str) -> Image:
    folder = f"images/{member.team.public_id}/{project.public_id}"
    return Image(
        team=member.team,
        project=project,
        title=title_from(name)[:200] or _("Untitled"),
        file=f"{folder}/{digest}.jpg",
        thumbnail=f"{folder}/{digest}.webp",
        width=picture.width,
        height=picture.height,
        colour=average_colour(picture),
        sha256=digest,
        created_by=member.user,
    )


def _store(name: str, data: bytes) -> None:
    # Names are made from the content: what is there already is the same, unless a kill cut it short.
    if not default_storage.exists(name) or default_storage.size(name) != len(data):
        default_storage.save(name, ContentFile(data))


def _saved(member: Member, image: Image, original: Original | None) -> Image:
    try:
        with transaction.atomic():
            image.save()
            if original:
                original.save()
            record("added", image, actor=member.user, title=image.title)
    except IntegrityError:  # the same picture, a moment earlier, by a doubled click
        return Image.objects.get(project=image.project, sha256=image.sha256)
    return image
