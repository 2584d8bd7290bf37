"""Fills an empty installation with a team at work, through the same services that people use."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import PIL.Image
from django.conf import settings
from django.db import transaction

from apps.budgets.services import set_budget
from apps.budgets.states import Period
from apps.desk.demo.scenes import SCENES, draw
from apps.desk.demo.texts import (
    BUDGET,
    FIRST_JOBS,
    PASSWORD,
    PEOPLE,
    PLANS,
    PROMPTS,
    TEAM,
    FirstJob,
    Plan,
)
from apps.jobs.models import VendorAccount
from apps.jobs.services import order
from apps.projects.models import Image, Project
from apps.projects.services import add_image, begin_project
from apps.prompts.models import Prompt
from apps.prompts.services import write_prompt
from apps.prompts.words import filled_in
from apps.teams.models import Member, Team, User
from apps.teams.roles import Role
from apps.teams.scoping import within
from apps.teams.services import add_member, create_team

PHOTOS = Path(settings.BASE_DIR) / "static" / "demo" / "photos"


def is_seeded() -> bool:
    """Whether the demo team is there already, in whole: its last piece is its first jobs."""
    team = Team.objects.filter(name=TEAM).first()
    if team is None:
        return False
    with within(team):
        return VendorAccount.objects.exists()


def seed(*, longest: int) -> None:
    """Found the demo team, with people, prompts, projects, images, and a few jobs on their way."""
    pictures = _pictures(longest)
    with transaction.atomic():
        owner = _people()
        with within(owner.team):
            for title, text in PROMPTS:
                write_prompt(owner, title=title, text=text)
            for plan in reversed(PLANS):
                _project(owner, plan, pictures)
            account = _sandbox(owner, "wavespeed", "Sandbox on this machine")
            _sandbox(owner, "comet", "Sandbox, as CometAPI")
            producer = owner.team.members.get(role=Role.PRODUCER)
            set_budget(producer, period=Period.MONTH, limit_usd=BUDGET, warn_percent=80)
            creator = owner.team.members.get(role=Role.CREATOR)
            for job in FIRST_JOBS:
                _order(creator, account, job)


def _pictures(longest: int) -> dict[str, tuple[str, bytes]]:
    """Draw the scenes, on all cores, and read the photographs: title and bytes by name."""
    with ProcessPoolExecutor() as pool:
        drawn = list(pool.map(partial(_drawn, longest=longest), [scene.slug for scene in SCENES]))
    scenes = {scene.slug: (scene.title, data) for scene, data in zip(SCENES, drawn, strict=True)}
    photos = {
        path.name: (path.stem.capitalize(), path.read_bytes())
        for path in sorted(PHOTOS.glob("*.jpg"))
    }
    return scenes | photos


def _drawn(slug: str, *, longest: int) -> bytes:
    kept = BytesIO()
    PIL.Image.fromarray(draw(slug, longest=longest)).save(kept, "JPEG", quality=93)
    return kept.getvalue()


def _people() -> Member:
    owner: Member | None = None
    for person in PEOPLE:
        user = User.objects.create_user(person.email, PASSWORD, name=person.name)
        if owner is None:
            owner = create_team(TEAM, user)
        else:
            add_member(owner.team, user, person.role)
    assert owner  # noqa: S101  # PEOPLE begins with the owner
    return owner


def _project(owner: Member, plan: Plan, pictures: dict[str, tuple[str, bytes]]) -> Project:
    project = begin_project(owner, name=plan.name, brief=plan.brief)
    for name in (*plan.scenes, *plan.photos):
        title, data = pictures[name]
        add_image(owner, project, data=data, name=title)
    return project


def _sandbox(owner: Member, kind: str, name: str) -> VendorAccount:
    account = VendorAccount(team=owner.team, name=name, kind=kind)
    account.use_sandbox()
    account.save()
    return account


def _order(creator: Member, account: VendorAccount, first: FirstJob) -> None:
    image = Image.objects.get(title=first.image_title)
    version = Prompt.objects.get(title=first.prompt).versions.get(number=1)
    order(
        creator,
        ticket=uuid4(),
        image=image,
        account=account,
        text=filled_in(version.text, first.values),
        parameters={"aspect_ratio": first.aspect_ratio, "seed": 7},
        version=version,
    )
