"""Fills an empty installation with a demo team, through the services that people use."""

from io import BytesIO
from pathlib import Path
from uuid import uuid4

import PIL.Image
from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.budgets.services import set_budget
from apps.budgets.states import Period
from apps.demo.texts import (
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
from apps.jobs.services import OrderRequest, order
from apps.projects.models import Image
from apps.projects.services import add_image, create_project
from apps.prompts.language import fill_in
from apps.prompts.models import Prompt
from apps.prompts.services import create_prompt
from apps.teams.models import Member, Team, User
from apps.teams.roles import Role
from apps.teams.scoping import within
from apps.teams.services import add_member, create_team

PICTURES = Path(__file__).parent / "pictures"


def is_seeded() -> bool:
    """Whether the demo team is complete: its vendor accounts are created last."""
    team = Team.objects.filter(name=TEAM).first()
    if team is None:
        return False
    with within(team):
        return VendorAccount.objects.exists()


@transaction.atomic
def seed(*, longest: int = 0) -> None:
    """Create the demo team with people, prompts, projects, images and first jobs.

    `longest` shrinks the pictures to so many pixels on their longer side; 0 keeps them as they are.
    """
    owner = _add_people()
    with within(owner.team):
        for title, text in PROMPTS:
            create_prompt(owner, title=title, text=text)
        for plan in reversed(PLANS):
            _begin_project(owner, plan, longest=longest)
        account = _connect_sandbox(owner, "wavespeed", "Sandbox on this machine")
        _connect_sandbox(owner, "comet", "Sandbox, as CometAPI")
        producer = owner.team.members.get(role=Role.PRODUCER)
        set_budget(producer, period=Period.MONTH, limit_usd=BUDGET, warn_percent=80)
        creator = owner.team.members.get(role=Role.CREATOR)
        for job in FIRST_JOBS:
            _order(creator, account, job)


def _add_people() -> Member:
    # Hashing is slow on purpose; all accounts of the demo share one hash of their known password.
    password = make_password(PASSWORD)
    users = [
        User.objects.create(email=person.email, name=person.name, password=password)
        for person in PEOPLE
    ]
    owner = create_team(TEAM, users[0])
    for person, user in zip(PEOPLE[1:], users[1:], strict=True):
        add_member(owner.team, user, person.role)
    return owner


def _begin_project(owner: Member, plan: Plan, *, longest: int) -> None:
    project = create_project(owner, name=plan.name, brief=plan.brief)
    for name in plan.pictures:
        data = (PICTURES / name).read_bytes()
        title = Path(name).stem.replace("-", " ").capitalize()
        add_image(owner, project, data=_shrink(data, longest) if longest else data, name=title)


def _shrink(data: bytes, longest: int) -> bytes:
    shrunk = BytesIO()
    with PIL.Image.open(BytesIO(data)) as picture:
        picture.thumbnail((longest, longest))
        picture.save(shrunk, "JPEG", quality=93)
    return shrunk.getvalue()


def _connect_sandbox(owner: Member, kind: str, name: str) -> VendorAccount:
    account = VendorAccount(team=owner.team, name=name, kind=kind)
    account.use_sandbox()
    account.save()
    return account


def _order(creator: Member, account: VendorAccount, first: FirstJob) -> None:
    image = Image.objects.get(title=first.image_title)
    version = Prompt.objects.get(title=first.prompt).versions.get(number=1)
    request = OrderRequest(
        idempotency_key=uuid4(),
        image=image,
        account=account,
        text=fill_in(version.text, first.values),
        parameters={"aspect_ratio": first.aspect_ratio, "seed": 7},
        version=version,
    )
    order(creator, request)
