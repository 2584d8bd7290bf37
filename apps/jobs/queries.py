"""Reads of the jobs room that are too big for a queryset method."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from apps.jobs.models import Job, VendorAccount
from apps.jobs.shapes import nearest_shape
from apps.projects.models import Image, Project


def project_for(params: Mapping[str, str]) -> Project | None:
    """Return the project an order belongs to: the named one, the image's, the job's, or the newest with images."""
    if job := _by_id(Job, params.get("again")):
        return job.project
    if image := _by_id(Image, params.get("image")):
        return image.project
    if project := _by_id(Project, params.get("project")):
        return project
    has_images = Exists(Image.objects.filter(project=OuterRef("pk")))
    return Project.objects.order_by(has_images.desc(), "-created_at", "-pk").first()


def beginning(params: Mapping[str, str]) -> dict[str, Any]:
    """Return what an order form begins with: an old job's settings, or what the address names."""
    if job := _by_id(Job, params.get("again")):
        settings = {f"set_{name}": value for name, value in job.parameters.items()}
        image = job.image.public_id if job.image else None
        return {"image": image, "text": job.prompt_text, "account": job.account_id, **settings}
    named = {name: params[name] for name in ("image", "prompt", "text") if params.get(name)}
    return named | shape_of(params.get("image"))


def shape_of(image_id: str | None) -> dict[str, str]:
    """Return the aspect ratio nearest to an image, as a form's setting, where the vendor lets one choose."""
    image = _by_id(Image, image_id)
    account = VendorAccount.objects.filter(is_open=True).order_by("pk").first()
    parameters = account.offer.parameters if account else ()
    shapes = next((one.choices for one in parameters if one.name == "aspect_ratio"), ())
    return {"set_aspect_ratio": nearest_shape(image.width, image.height, shapes)} if image and shapes else {}


def again_of(params: Mapping[str, str]) -> Job | None:
    """Return the job that is ordered once more, if the address names one."""
    job: Job | None = _by_id(Job, params.get("again"))
    return job


def _by_id(model: Any, text: str | None) -> Any:
    try:
        return model.objects.filter(public_id=UUID(text)).first() if text else None
    except ValueError:
        return None
