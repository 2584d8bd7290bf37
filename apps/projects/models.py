"""Projects and the source images in them."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Member
from apps.teams.scoping import TeamOwned, scoped_manager


class ProjectQuerySet(models.QuerySet["Project"]):
    """Querysets of projects."""

    def for_list(self) -> "ProjectQuerySet":
        """Projects with how many images each has and the newest of them, newest first."""
        newest = Image.objects.filter(project=models.OuterRef("pk")).order_by("-created_at", "-pk")
        return self.annotate(
            image_count=models.Count("images"),
            cover=models.Subquery(newest.values("public_id")[:1]),
        ).order_by("-created_at", "-pk")


ProjectManager = models.Manager.from_queryset(ProjectQuerySet)


class Project(TeamOwned):
    """Work that belongs together: a brief, images, and the clips made from them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    brief = models.TextField(_("brief"), blank=True)
    # Visible to its project members only, whatever the role.
    is_private = models.BooleanField(_("private"), default=False, db_default=False)
    # Mentions in the brief, as values: the word after each @ and the person's name.
    mentions = models.JSONField(default=list, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar["ProjectManager[Project]"] = scoped_manager(ProjectManager, project="pk")

    class Meta:
        constraints = [
            # For open projects only, because a refused name would reveal a private project.
            models.UniqueConstraint(
                fields=["team", "name"],
                condition=models.Q(is_private=False),
                name="project_name_once_per_team",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def of_project(self) -> int | None:
        """Its own id."""
        return self.pk

    def get_absolute_url(self) -> str:
        """Where this project is shown."""
        return reverse("projects:show", args=[self.public_id])

    @property
    def plain_name(self) -> str:
        """Its name as plain text, with a mark if private."""
        return gettext("%s (private)") % self.name if self.is_private else self.name


class ProjectMember(TeamOwned):
    """A member on the list of a private project; nobody else can see the project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="project_members")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="project_memberships")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["ProjectMember"]] = scoped_manager(
        models.Manager, project="project"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "member"], name="project_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.member.user}: {self.project}"


class Image(TeamOwned):
    """A source picture without metadata, as vendors get it and people see it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="images")
    title = models.CharField(_("title"), max_length=200)
    file = models.CharField(max_length=200, editable=False)
    thumbnail = models.CharField(max_length=200, editable=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    colour = models.CharField(max_length=7)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Image"]] = scoped_manager(models.Manager, project="project")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "sha256"], name="image_once_per_project")
        ]
        indexes = [models.Index(fields=["project", "-id"], name="image_of_project")]

    def __str__(self) -> str:
        return self.title

    @property
    def thumbnail_size(self) -> tuple[int, int]:
        """Width and height of the thumbnail in pixels: the picture's shape, 640 at most."""
        shrink = min(1.0, 640 / max(self.width, self.height))
        return max(1, round(self.width * shrink)), max(1, round(self.height * shrink))


class Original(TeamOwned):
    """The uploaded file of an image, unchanged; only for the team, never for a vendor."""

    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="original")
    file = models.CharField(max_length=200, editable=False)
    name = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    has_location = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Original"]] = scoped_manager(
        models.Manager, project="image__project"
    )

    def __str__(self) -> str:
        return self.name
