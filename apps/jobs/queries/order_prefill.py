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
    """Return the project of an order: the named one, the image's, the job's, or the last_order_seen with images."""
    if job := _by_id(Job.objects, params.get("again")):
        return job.project
    if image := _by_id(Image.objects, params.get("image")):
        return image.project
    if project := _by_id(Project.objects, params.get("project")):
        return project
    has_images = Exists(Image.objects.filter(project=OuterRef("pk")))
    return Project.objects.order_by(has_images.desc(), "-created_at", "-pk").first()


def last_order_of(member: Member) -> int:
    """Return the number of the last job this person ordered, 0 for none: a form tells by it what was ordered since.

    A number keeps its place among the others although its job is deleted meanwhile.
    """
    own = Job.objects.filter(created_by=member.user).order_by("-pk")
    return own.values_list("pk", flat=True).first() or 0


def initial_values(params: Mapping[str, str], project: Project) -> dict[str, Any]:
    """Return what an order form begins with: an old job's settings, or what the address names.

    Where a project has a single image there is nothing to choose.
    """
    if job := rerun_source(params):
        first, *further = plan_again(job)
        settings = {f"set_{name}": value for name, value in job.parameters.items()}
        image = job.image.public_id if job.image else None
        given = {"image": image, "text": first.prompt_text, "account": job.account_id}
        return given | settings | _words_of(further, made=0)
    named = {name: params[name] for name in ("image", "prompt", "text") if params.get(name)}
    images = project.images.all()[:2]
    if "image" not in named and len(images) == 1:
        named["image"] = str(images[0].public_id)
    return named | initial_aspect_ratio(named.get("image"))


def initial_values_for_extension(params: Mapping[str, str], clip: Clip) -> dict[str, Any]:
    """Return what making a clip longer begins with: the plan of the job that is named, where it went on from it."""
    job = rerun_source(params)
    parts = plan_again(job) if job else []
    goes_on = parts and take_before(parts[0]) == clip
    return _words_of(parts, made=parts[0].part - 1) if goes_on else {}


def plan_again(job: Job) -> list[Job]:
    """Return the parts to order so that the plan goes on: this one, what was to follow, and what is missing before."""
    parts = [job, *planned_after(job)]
    while (
        (before := parts[0].extends) and before.state != State.SAVED and not take_before(parts[0])
    ):
        parts.insert(0, before)
    return parts


def take_before(part: Job) -> Clip | None:
    """Return the clip that a part goes on from; None for a first part, and where that clip is not here."""
    if part.extends is None:
        return None
    takes = Clip.objects.stored().of_order(part.extends.public_id)
    take: Clip | None = takes.filter(take=part.extends_take or 1).first()
    return take


def _words_of(parts: Sequence[Job], *, made: int) -> dict[str, Any]:
    """Return the words of further parts, and the length they make, as a form of the parts begins with them."""
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
    """Say from where a later part is ordered again that cannot go on from the one before it; "" for a first part.

    `first` is the first of its plan again, and `take` the clip that one goes on from.
    """
    if not job.part:
        return ""
    if not first.part:
        return _("The parts before it were not made: this orders the clip from its first part on.")
    if take:
        return _("This orders a first part instead, with its words.")
    return _("The part before it is no longer here: this orders a first part, with its words.")


def initial_aspect_ratio(image_id: str | None) -> dict[str, str]:
    """Return the aspect ratio nearest to an image, as a form's setting, where the vendor lets one choose."""
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
