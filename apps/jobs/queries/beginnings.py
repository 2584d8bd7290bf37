"""What an order form begins with."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Manager, Model, OuterRef

from apps.jobs.models import Job, VendorAccount
from apps.jobs.shapes import nearest_shape
from apps.projects.models import Image, Project
from apps.teams.models import Member

M = TypeVar("M", bound=Model)


def project_for(params: Mapping[str, str]) -> Project | None:
    """Return the project of an order: the named one, the image's, the job's, or the newest with images."""
    if job := _by_id(Job.objects, params.get("again")):
        return job.project
    if image := _by_id(Image.objects, params.get("image")):
        return image.project
    if project := _by_id(Project.objects, params.get("project")):
        return project
    has_images = Exists(Image.objects.filter(project=OuterRef("pk")))
    return Project.objects.order_by(has_images.desc(), "-created_at", "-pk").first()


def newest_of(member: Member) -> int:
    """Return the number of the last job this person ordered, 0 for none: a form tells by it what was ordered since.

    A number keeps its place among the others although its job is deleted meanwhile.
    """
    own = Job.objects.filter(created_by=member.user).order_by("-pk")
    return own.values_list("pk", flat=True).first() or 0


def beginning(params: Mapping[str, str], project: Project) -> dict[str, Any]:
    """Return what an order form begins with: an old job's settings, or what the address names.

    Where a project has a single image there is nothing to choose.
    """
    if job := _by_id(Job.objects, params.get("again")):
        settings = {f"set_{name}": value for name, value in job.parameters.items()}
        image = job.image.public_id if job.image else None
        return {"image": image, "text": job.prompt_text, "account": job.account_id, **settings}
    named = {name: params[name] for name in ("image", "prompt", "text") if params.get(name)}
    images = project.images.all()[:2]
    if "image" not in named and len(images) == 1:
        named["image"] = str(images[0].public_id)
    return named | shape_of(named.get("image"))


def shape_of(image_id: str | None) -> dict[str, str]:
    """Return the aspect ratio nearest to an image, as a form's setting, where the vendor lets one choose."""
    image = _by_id(Image.objects, image_id)
    account = VendorAccount.objects.filter(is_open=True).order_by("pk").first()
    parameters = account.offer.parameters if account else ()
    shapes = next((one.choices for one in parameters if one.name == "aspect_ratio"), ())
    return {"set_aspect_ratio": nearest_shape(image.width, image.height, shapes)} if image and shapes else {}


def again_of(params: Mapping[str, str]) -> Job | None:
    """Return the job that is ordered once more, if the address names one."""
    job: Job | None = _by_id(Job.objects, params.get("again"))
    return job


def _by_id(rows: Manager[M], text: str | None) -> M | None:
    try:
        return rows.filter(public_id=UUID(text)).first() if text else None
    except ValueError:
        return None
