"""Initial values of the order form."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Manager, Model, OuterRef
from django.utils.translation import gettext as _

from apps.clips.models import Clip
from apps.jobs.aspect_ratios import nearest_aspect_ratio
from apps.jobs.models import Job, VendorAccount
from apps.jobs.parts import planned_after
from apps.jobs.states import State
from apps.projects.models import Image, Project
from apps.teams.models import Member

M = TypeVar("M", bound=Model)


def project_for(params: Mapping[str, str]) -> Project | None:
    """Return the project named by the address, or the newest one with images."""
    if job := _by_id(Job.objects, params.get("again")):
        return job.project
    if image := _by_id(Image.objects, params.get("image")):
        return image.project
    if project := _by_id(Project.objects, params.get("project")):
        return project
    has_images = Exists(Image.objects.filter(project=OuterRef("pk")))
    return Project.objects.order_by(has_images.desc(), "-created_at", "-pk").first()


def last_order_of(member: Member) -> int:
    """Return the number of the last job this person ordered, 0 for none.

    A form sends it back, to show what was ordered since it was opened.
    """
    own = Job.objects.filter(created_by=member.user).order_by("-pk")
    return own.values_list("pk", flat=True).first() or 0


def initial_values(params: Mapping[str, str], project: Project) -> dict[str, Any]:
    """Return the initial values: those of an old job, or those that the address names.

    The only image of a project is chosen already.
    """
    if job := rerun_source(params):
        first, *further = plan_again(job)
        settings = {f"set_{name}": value for name, value in job.parameters.items()}
        image = job.image.public_id if job.image else None
        given = {"image": image, "text": first.prompt_text, "account": job.account_id}
        return given | settings | _values_of_parts(further, made=0)
    named = {name: params[name] for name in ("image", "prompt", "text") if params.get(name)}
    images = project.images.all()[:2]
    if "image" not in named and len(images) == 1:
        named["image"] = str(images[0].public_id)
    return named | initial_aspect_ratio(named.get("image"))


def initial_values_for_extension(params: Mapping[str, str], clip: Clip) -> dict[str, Any]:
    """Return initial values for extending a clip: the plan of the named job, if that did so."""
    job = rerun_source(params)
    parts = plan_again(job) if job else []
    goes_on = parts and take_before(parts[0]) == clip
    return _values_of_parts(parts, made=parts[0].part - 1) if goes_on else {}


def plan_again(job: Job) -> list[Job]:
    """Return the parts to order again: this one, those after it, and missing ones before it."""
    parts = [job, *planned_after(job)]
    while (
        (before := parts[0].extends) and before.state != State.SAVED and not take_before(parts[0])
    ):
        parts.insert(0, before)
    return parts


def take_before(part: Job) -> Clip | None:
    """Return the clip that a part extends; None for a first part, and where it is not here."""
    if part.extends is None:
        return None
    takes = Clip.objects.stored().of_order(part.extends.public_id)
    take: Clip | None = takes.filter(take=part.extends_take or 1).first()
    return take


def _values_of_parts(parts: Sequence[Job], *, made: int) -> dict[str, Any]:
    """Return the initial values for further parts: their prompts, and the length of the clip."""
    if not parts:
        return {}
    chain = parts[0].chain
    offer = parts[0].account.offer
    words = {
        f"part_{number}": part.prompt_text for number, part in enumerate(parts, start=made + 2)
    }
    length = str(offer.seconds_of(parts[0].parameters, made + len(parts)))
    return words | {"length": length, "is_stepwise": bool(chain and chain.is_stepwise)}


def why_from_here(job: Job, first: Job, take: Clip | None) -> str:
    """Return what is ordered where a part cannot extend the one before it; "" for a first part.

    `first` is the first of its plan again, and `take` the clip that one goes on from.
    """
    if not job.part:
        return ""
    if not first.part:
        return _("The parts before it were not made. This orders the clip from its first part on.")
    if take:
        return _("This orders a first part with the same prompt instead.")
    return _("The part before it is no longer here. This orders a first part with the same prompt.")


def initial_aspect_ratio(image_id: str | None) -> dict[str, str]:
    """Return the aspect ratio nearest to an image, as a setting, where the vendor has several."""
    image = _by_id(Image.objects, image_id)
    account = VendorAccount.objects.filter(is_open=True).order_by("pk").first()
    if not image or not account or not account.offer.shapes:
        return {}
    offer = account.offer
    nearest = nearest_aspect_ratio(image.width, image.height, offer.shapes)
    return {f"set_{offer.shape_setting}": nearest}


def rerun_source(params: Mapping[str, str]) -> Job | None:
    """Return the job that is ordered once more, if the address names one."""
    job: Job | None = _by_id(Job.objects, params.get("again"))
    return job


def _by_id(rows: Manager[M], text: str | None) -> M | None:
    try:
        return rows.filter(public_id=UUID(text)).first() if text else None
    except ValueError:
        return None
