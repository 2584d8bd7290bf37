"""Services of projects and images."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from threading import BoundedSemaphore

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.activity.services import mention
from apps.core.errors import DomainError
from apps.core.events import record
from apps.core.names import title_from
from apps.core.outbound import download, parse_url
from apps.footage.pictures import Picture, average_colour, clean_jpeg, read_picture, thumbnail_webp
from apps.projects.models import Image, Original, Project, ProjectMember
from apps.projects.original_files import new_original
from apps.teams.models import Member, User
from apps.teams.roles import Permission
from apps.teams.scoping import within

# A picture at the size limit needs more than a gigabyte of memory while it is decoded, so further
# ones wait.
_READING_SLOTS = BoundedSemaphore(2)
READING_WAIT_SECONDS = 60.0
# A slow server gets so many seconds, and never occupies all of our threads.
_FETCHING_SLOTS = BoundedSemaphore(2)
FETCH_SECONDS = 15.0
FETCHING_WAIT_SECONDS = 1.0


@transaction.atomic
def create_project(
    member: Member, *, name: str, brief: str = "", is_private: bool = False
) -> Project:
    """Create a project with a new name; the creator is a member of a private one."""
    member.require(Permission.PLAN)
    project = Project(
        team=member.team, name=name, brief=brief, is_private=is_private, created_by=member.user
    )
    _save_with_unique_name(project)
    record("began", project, actor=member.user, name=name)
    if is_private:
        _add_to_list(project, member, actor=member.user)
    _mention_people(project, member)
    return project


@transaction.atomic
def change_project(member: Member, project: Project, *, name: str, brief: str) -> None:
    """Change a project's name and brief."""
    member.require(Permission.PLAN)
    project.name, project.brief = name, brief
    _save_with_unique_name(project, only=["name", "brief"])
    record("changed", project, actor=member.user, name=name)
    _mention_people(project, member)


def _mention_people(project: Project, member: Member) -> None:
    """Notify people who are newly mentioned in the brief, and store the mentions."""
    told = mention(member, project, project.brief, before=project.mentions, where="brief")
    if told != project.mentions:
        project.mentions = told
        project.save(update_fields=["mentions"])


def _save_with_unique_name(project: Project, *, only: list[str] | None = None) -> None:
    """Save a project, unless a project that the person can see has the same name."""
    taken = DomainError(_("A project with this name already exists."))
    if Project.objects.filter(name=project.name).exclude(pk=project.pk).exists():
        raise taken
    try:
        with transaction.atomic():
            project.save(update_fields=only)
    except IntegrityError:  # the same name was saved a moment earlier
        raise taken from None


@transaction.atomic
def make_private(member: Member, project: Project) -> None:
    """Make a project private; the person who does it is its first member."""
    member.require(Permission.PLAN)
    if Project.objects.filter(pk=project.pk, is_private=False).update(is_private=True):
        record("made_private", project, actor=member.user)
        _add_to_list(project, member, actor=member.user)


@transaction.atomic
def open_to_team(member: Member, project: Project) -> None:
    """Open a private project to the whole team, and delete its list of members."""
    member.require(Permission.PLAN)
    try:
        with transaction.atomic():
            opened = Project.objects.filter(pk=project.pk, is_private=True).update(is_private=False)
    except IntegrityError:
        raise DomainError(_("An open project has the same name. Rename this one first.")) from None
    if opened:
        ProjectMember.objects.filter(project=project).delete()
        record("opened", project, actor=member.user)


@transaction.atomic
def add_project_member(member: Member, project: Project, other: Member) -> None:
    """Add a member of the team to a private project, with the permissions of their role."""
    member.require(Permission.PLAN)
    _lock_private(project)
    _add_to_list(project, other, actor=member.user)


@transaction.atomic
def remove_project_member(member: Member, project: Project, other: Member) -> None:
    """Remove a member from a private project; the last one cannot be removed."""
    member.require(Permission.PLAN)
    _lock_private(project)
    listed = ProjectMember.objects.filter(project=project)
    if not listed.filter(member=other).exists():
        return
    if not listed.exclude(member=other).exists():
        raise DomainError(
            _(
                "No one could see this project any more. "
                "Add someone else first, or open it to the team."
            )
        )
    listed.filter(member=other).delete()
    record("let_go", project, actor=member.user, person=str(other.user), user=other.user_id)


@transaction.atomic
def reassign_project_memberships(leaver: Member, successor: Member, actor: User) -> None:
    """Add the successor to each private project of a member who leaves."""
    # A person who removes a member may be unable to see the member's projects.
    with within(leaver.team, hidden=()):
        for membership in ProjectMember.objects.filter(member=leaver).select_related("project"):
            _add_to_list(membership.project, successor, actor=actor)


def _lock_private(project: Project) -> None:
    """Lock a private project's row; raise DomainError for an open project."""
    if not Project.objects.select_for_update(no_key=True).get(pk=project.pk).is_private:
        raise DomainError(_("This project is open to the whole team. Make it private first."))


def _add_to_list(project: Project, member: Member, *, actor: User | None) -> None:
    given = {"team_id": project.team_id, "created_by": actor}
    _row, is_new = ProjectMember.objects.get_or_create(
        project=project, member=member, defaults=given
    )
    if is_new:
        whom = {"member": str(member.public_id), "person": str(member.user), "user": member.user_id}
        record("let_in", project, actor=actor, **whom)


def add_image(member: Member, project: Project, *, data: bytes, name: str) -> Image:
    """Add a picture to a project; the same picture twice is one image. Raises DomainError."""
    member.require(Permission.CREATE)
    digest = sha256(data).hexdigest()
    known = Image.objects.filter(project=project, sha256=digest).first()
    if known:
        return known
    with _wait_for_slot(
        _READING_SLOTS,
        READING_WAIT_SECONDS,
        _("Many images are being processed. Try again soon."),
    ):
        picture = read_picture(data)
        image = _new_image(member, project, picture, name, digest)
        # Files first: a row never points at a file that isn't there.
        _store(image.file, clean_jpeg(picture))
        _store(image.thumbnail, thumbnail_webp(picture))
        original = new_original(image, data=data, name=name, has_location=picture.has_location)
        if original:
            _store(original.file, data)
    return _save_rows(member, image, original)


def fetch_image(member: Member, project: Project, *, address: str) -> Image:
    """Add the picture at a URL to a project. Raises FetchError or BadPicture."""
    member.require(Permission.CREATE)
    place = parse_url(address)
    name = PurePath(place.path).name or place.host
    return add_image(member, project, data=_fetch(address), name=name)


def _fetch(address: str) -> bytes:
    busy = _("Other images are being added. Try again in a moment.")
    with _wait_for_slot(_FETCHING_SLOTS, FETCHING_WAIT_SECONDS, busy):
        picture = BytesIO()
        download(address, picture, max_bytes=settings.MAX_UPLOAD_BYTES, timeout=FETCH_SECONDS)
        return picture.getvalue()


@contextmanager
def _wait_for_slot(line: BoundedSemaphore, seconds: float, busy: str) -> Iterator[None]:
    """Take a slot within `seconds`, or raise DomainError with the text `busy`."""
    if not line.acquire(timeout=seconds):
        raise DomainError(busy)
    try:
        yield
    finally:
        line.release()


def _new_image(member: Member, project: Project, picture: Picture, name: str, digest: str) -> Image:
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
    # The name is a hash of the content: an existing file is the same, unless a kill truncated it.
    if not default_storage.exists(name) or default_storage.size(name) != len(data):
        default_storage.save(name, ContentFile(data))


def _save_rows(member: Member, image: Image, original: Original | None) -> Image:
    try:
        with transaction.atomic():
            image.save()
            if original:
                original.save()
            record("added", image, actor=member.user, title=image.title)
    except IntegrityError:  # the same picture was added a moment earlier, by a double click
        return Image.objects.get(project=image.project, sha256=image.sha256)
    return image
