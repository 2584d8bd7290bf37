"""Factories of a team and its work: each takes the team and returns one row, files included.

Rows are made inside their team's scope, so that a test need not enter it; reading them back does.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow

from apps.activity.models import Delivery, Webhook
from apps.activity.notification_topics import webhook_topics
from apps.activity.states import Style
from apps.budgets.models import Budget, LedgerEntry
from apps.budgets.services import Purchase, charge, hold, refund
from apps.clips.models import Clip
from apps.clips.states import Nsfw
from apps.clips.workers.storing import columns_of
from apps.core.secrets import seal
from apps.footage.examine import examine
from apps.footage.pictures import Picture, average_colour, clean_jpeg, thumbnail_webp
from apps.footage.probing import ClipFacts
from apps.footage.stills import Stills
from apps.jobs.models import Job, Lane, Output, Submission, VendorAccount
from apps.jobs.states import State, SubmissionOutcome
from apps.jobs.workers.money import charge_delivered, hold_found
from apps.jobs.workers.saving import values_of_order
from apps.projects.models import Image, Original, Project, ProjectMember
from apps.prompts.models import Prompt, Version
from apps.teams.models import Invitation, Member, Team, Token, User
from apps.teams.models.invitations import hash_of
from apps.teams.roles import Permission, Role
from apps.teams.scoping import within
from apps.teams.services import create_token
from tests.footage.films import encode, film

PASSWORD = "a good long password"
NUMBERS = count(1)


def a_user(**fields) -> User:
    """Somebody who can sign in with PASSWORD."""
    number = next(NUMBERS)
    given = {"email": f"somebody-{number}@mjweb.example", "name": f"Some Body {number}"} | fields
    return User.objects.create_user(password=PASSWORD, **given)


def a_token(member: Member, *scopes: Permission, days: int = 30) -> tuple[Token, str]:
    """A token of `member` and its secret."""
    return create_token(member, name=f"Token {next(NUMBERS)}", scopes=scopes, days=days)


def a_team(**fields) -> Team:
    """A team without members."""
    return Team.objects.create(**({"name": f"Team {next(NUMBERS)}"} | fields))


def a_member(team: Team, role: Role = Role.OWNER, **user_fields) -> Member:
    """A new person in `team`."""
    return Member.objects.create(team=team, user=a_user(**user_fields), role=role)


def client_of(member: Member | User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(member.user if isinstance(member, Member) else member)
    return client


def an_invitation(team: Team, token: str = "", **fields) -> Invitation:
    """An open invitation for one viewer; whoever holds `token` can accept it."""
    given = {"role": Role.VIEWER, "expires_at": timezone.now() + timedelta(days=7)} | fields
    return Invitation.objects.create(team=team, token_hash=hash_of(token or uuid4().hex), **given)


def a_guest(team: Team) -> Client:
    """A browser that was opened with a link to this team, and in which nobody is signed in."""
    token = uuid4().hex
    an_invitation(team, token)
    client = Client()
    assert client.get(f"/team/join/{token}/").status_code == 200
    return client


def a_picture(width: int = 48, height: int = 32, format_: str = "JPEG") -> bytes:
    """The bytes of a small picture that no other call returns."""
    slope = np.add.outer(np.arange(height), np.arange(width)) + 37 * next(NUMBERS)
    pixels = np.dstack([slope, slope * 3, slope * 7]).astype(np.uint8)
    return encode(Pillow.fromarray(pixels), format_)


def a_project(team: Team, **fields) -> Project:
    """A project of `team`."""
    with within(team):
        return Project.objects.create(team=team, **({"name": f"Project {next(NUMBERS)}"} | fields))


def a_private_project(team: Team, *members: Member, **fields) -> Project:
    """A private project of `team`, with these people on its list."""
    project = a_project(team, is_private=True, **fields)
    with within(team):
        ProjectMember.objects.bulk_create(
            ProjectMember(team=team, project=project, member=one) for one in members
        )
    return project


@lru_cache(maxsize=64)
def _develop(data: bytes) -> tuple[bytes, bytes, dict[str, object]]:
    """Return the stored files and facts of a picture, made once and in this process."""
    with Pillow.open(BytesIO(data)) as ours:
        picture = Picture(
            format="jpeg",
            width=ours.width,
            height=ours.height,
            pixels=np.asarray(ours.convert("RGB")),
        )
    facts = {"width": picture.width, "height": picture.height, "colour": average_colour(picture)}
    digest = {"sha256": sha256(data).hexdigest()}
    return clean_jpeg(picture), thumbnail_webp(picture), facts | digest


def an_image(team: Team, project: Project | None = None, *, data: bytes = b"", **fields) -> Image:
    """A source image whose picture and thumbnail are really stored."""
    data = data or a_picture()
    cleaned, thumbnail, facts = _develop(data)
    stem = f"images/{team.public_id}/{facts['sha256']}"
    default_storage.save(f"{stem}.jpg", ContentFile(cleaned))
    default_storage.save(f"{stem}.webp", ContentFile(thumbnail))
    names = {"title": f"Image {next(NUMBERS)}", "file": f"{stem}.jpg", "thumbnail": f"{stem}.webp"}
    with within(team):
        return Image.objects.create(
            team=team, project=project or a_project(team), **(facts | names | fields)
        )


def an_original(image: Image, data: bytes = b"as it came", **fields) -> Original:
    """The file behind `image`, kept aside and really stored."""
    name = f"originals/{image.public_id}"
    default_storage.save(name, ContentFile(data))
    facts = {
        "file": name,
        "name": "DSC_1.jpg",
        "sha256": sha256(data).hexdigest(),
        "size": len(data),
    }
    with within(image.team):
        return Original.objects.create(team=image.team, image=image, **(facts | fields))


def a_prompt(team: Team, *texts: str, **fields) -> Prompt:
    """A prompt with one version for each text, oldest first."""
    with within(team):
        prompt = Prompt.objects.create(team=team, **({"title": f"Prompt {next(NUMBERS)}"} | fields))
        for number, text in enumerate(
            texts or ("Slow pan over {place}, {light=soft light}.",), start=1
        ):
            Version.objects.create(team=team, prompt=prompt, number=number, text=text)
    return prompt


def an_account(team: Team, **fields) -> VendorAccount:
    """A vendor account with a sealed key; give `base_url` to point it at something that listens."""
    account = VendorAccount(
        team=team,
        **(
            {
                "name": f"Account {next(NUMBERS)}",
                "kind": "wavespeed",
                "base_url": "http://127.0.0.1:9",
            }
            | fields
        ),
    )
    # A key of its own, so a lane of its own: what one test's vendor suffers is nobody else's
    # trouble.
    account.set_key(f"ws-key-of-the-tests-{next(NUMBERS)}-1234")
    Lane.objects.filter(pk=account.lane.pk).update(orders_per_minute=0, in_flight=0)
    account.lane.refresh_from_db()
    with within(team):
        account.save()
    return account


def a_job(team: Team, state: State = State.QUEUED, *, clips: int = 1, **fields) -> Job:
    """A job that has come as far as `state`, due now if anything has to happen; SAVED has clips."""
    with within(team):
        image = fields["image"] if "image" in fields else an_image(team, fields.get("project"))
        account = fields.get("account") or an_account(team)
        offer = account.offer
        facts = {
            "project": image.project if image else None,
            "image": image,
            "account": account,
            "prompt_text": f"The camera pans slowly, take {next(NUMBERS)}.",
            "vendor": account.kind,
            "model": offer.model,
            "schema_version": offer.schema_version,
            "parameters": {"resolution": "480p", "aspect_ratio": "16:9"},
            "price": Decimal("0.15"),
            "image_sha256": image.sha256 if image else "",
            "image_title": image.title if image else "",
        }
        job = Job.objects.create(team=team, state=state, **(facts | _so_far(state) | fields))
        _pay_for(job)
        if state == State.SAVED:
            for take in range(1, clips + 1):
                a_clip(team, job, take=take)
    return job


def _pay_for(job: Job) -> None:
    """Write down what went out for a job, and what became of its money."""
    if job.state == State.PLANNED and not job.chain_id:
        return
    hold_found(job)
    if job.submission_number:
        outcome = {
            State.SUBMITTING: SubmissionOutcome.UNKNOWN,
            State.UNCONFIRMED: SubmissionOutcome.UNKNOWN,
        }.get(State(job.state), SubmissionOutcome.ACCEPTED)
        Submission.objects.create(
            team=job.team, job=job, number=1, outcome=outcome, vendor_job_id=job.vendor_job_id,
            image_url=f"https://mjweb.example/{job.public_id}.jpg",
            search_at=timezone.now() if job.state == State.UNCONFIRMED else None,
        )  # fmt: skip
    if job.state in {State.SAVING, State.SAVED}:
        charge_delivered([job])


def _so_far(state: State) -> dict[str, object]:
    """What is known of a job that has come as far as `state`."""
    now = timezone.now()
    at = {
        key: now - timedelta(seconds=ago)
        for key, ago in (("submitted_at", 30), ("accepted_at", 29))
    }
    at["submission_number"] = 1
    taken = at | {"vendor_job_id": f"v-{next(NUMBERS)}", "vendor_status": "processing"}
    done = taken | {
        "vendor_status": "completed",
        "done_at": now - timedelta(seconds=5),
        "inference_ms": 21_000,
    }
    return {
        State.QUEUED: {"next_step_at": now},
        State.SUBMITTING: {
            "submitted_at": now,
            "next_step_at": now,
            "submit_tries": 1,
            "submission_number": 1,
        },
        State.UNCONFIRMED: {
            "submitted_at": now,
            "submission_number": 1,
            "reason": "The connection broke while we were sending.",
        },
        State.AT_VENDOR: taken | {"next_step_at": now},
        State.SAVING: done | {"next_step_at": now},
        State.SAVED: done | {"saved_at": now},
        State.MODERATED: {
            "submitted_at": now,
            "submission_number": 1,
            "reason": "The vendor's moderation refused it.",
        },
        State.FAILED: {
            "submitted_at": now,
            "submission_number": 1,
            "reason": "The vendor could not read the image.",
        },
    }.get(state, {})


def a_clip(team: Team, job: Job | None = None, *, take: int = 1, **fields) -> Clip:
    """A clip of `job` (of a new, saved one by default) whose video and stills are really stored."""
    job = job or a_job(team, State.SAVED, clips=0)
    facts = values_of_order(job) | _store_files(f"clips/{job.public_id}/take-{take}")
    facts |= {"take": take, "nsfw": Nsfw.CLEAR}
    for name in fields:
        facts.pop(f"{name}_id", None)
    with within(team):
        clip = Clip.objects.create(**(facts | fields))
        if not clip.is_joined:
            address = f"http://127.0.0.1:9/{job.public_id}/{take}.mp4"
            Output.objects.create(team=team, job=job, take=take, vendor_url=address, clip=clip)
    return clip


def job_of(clip: Clip) -> Job:
    """The job that a clip is a take of."""
    with within(clip.team):
        return Job.objects.get(public_id=clip.order)


def an_output(team: Team, job: Job, *, take: int = 1, **fields) -> Output:
    """A take of `job` that is still to be downloaded, now."""
    facts = {
        "vendor_url": f"http://127.0.0.1:9/{job.public_id}/{take}.mp4",
        "nsfw": Nsfw.CLEAR,
        "next_try_at": timezone.now(),
    }
    with within(team):
        return Output.objects.create(team=team, job=job, take=take, **(facts | fields))


def _store_files(stem: str) -> dict[str, object]:
    video, facts, stills = _film()
    for name, data in (
        ("mp4", video),
        ("poster.webp", stills.poster),
        ("sprite.webp", stills.sprite),
    ):
        default_storage.save(f"{stem}.{name}", ContentFile(data))
    return columns_of(facts, stills) | {
        "file": f"{stem}.mp4",
        "poster": f"{stem}.poster.webp",
        "sprite": f"{stem}.sprite.webp",
        "saved_at": timezone.now(),
    }


def a_film() -> bytes:
    """A small film, whole and playable."""
    return _film()[0]


@lru_cache(maxsize=1)
def _film() -> tuple[bytes, ClipFacts, Stills]:
    """One small real film, encoded and examined once per process."""
    with TemporaryDirectory() as folder:
        path = film(Path(folder) / "clip.mp4", frames=24)
        facts, stills = examine(path)
        return path.read_bytes(), facts, stills


def a_purchase(team: Team, **fields) -> Purchase:
    """Something new to be bought by `team`, for nobody's project."""
    given = {
        "order": uuid4(),
        "submission_number": 1,
        "project": None,
        "person": None,
        "vendor": "wavespeed",
        "account": "Main",
        "model": "midjourney/image-to-video",
        "variant": "480p",
    }
    return Purchase(team=team, **(given | fields))


def a_refund(team: Team, usd: str = "0.15", **fields) -> LedgerEntry:
    """A refund that is expected for something that was bought and failed."""
    with within(team):
        bought = hold(a_purchase(team, **fields), Decimal(usd))
        charge(bought.order, bought.submission_number)
        return refund(bought.order, bought.submission_number, "The job failed.")


def a_budget(team: Team, **fields) -> Budget:
    """A budget of `team`, by default of all of it and a hundred dollars each month."""
    with within(team):
        return Budget.objects.create(team=team, **({"limit_usd": Decimal(100)} | fields))


def a_webhook(team: Team, **fields) -> Webhook:
    """A signed webhook of `team` for every topic there is."""
    given = {
        "name": f"Webhook {next(NUMBERS)}",
        "style": Style.SIGNED,
        "topics": [topic.key for topic in webhook_topics()],
        "sealed_url": seal("https://hooks.example/in"),
        "host": "hooks.example",
        "sealed_secret": seal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    }
    with within(team):
        return Webhook.objects.create(team=team, **(given | fields))


def a_delivery(team: Team, webhook: Webhook | None = None, **fields) -> Delivery:
    """A message to a webhook that waits to be sent."""
    given = {"topic": "saved", "body": "{}", "next_at": timezone.now()}
    with within(team):
        return Delivery.objects.create(
            team=team, webhook=webhook or a_webhook(team), **(given | fields)
        )


@dataclass(frozen=True)
class Belongings:
    """One of everything that a team can have."""

    project: Project
    image: Image
    prompt: Prompt
    account: VendorAccount
    job: Job
    clip: Clip
    budget: Budget
    refund: LedgerEntry
    token: Token
    member: Member
    invitation: Invitation
    delivery: Delivery


def belongings_of(team: Team, project: Project | None = None) -> Belongings:
    """Give a team one of everything: image, project, prompt, account, job, clip, money."""
    image, account = an_image(team, project), an_account(team)
    an_original(image)
    job = a_job(team, State.SAVED, clips=0, image=image, account=account)
    clip, owed = a_clip(team, job), a_refund(team, project=image.project)
    token, _secret = a_token(a_member(team))
    people = a_member(team, Role.CREATOR), an_invitation(team)
    money = a_budget(team, project=project), owed
    return Belongings(
        image.project,
        image,
        a_prompt(team),
        account,
        job,
        clip,
        *money,
        token,
        *people,
        a_delivery(team),
    )


@pytest.fixture
def team(db) -> Team:
    """Give the team most tests are about."""
    return a_team(name="Studio Tidewater")


@pytest.fixture
def owner(team) -> Member:
    """Give the team's owner."""
    return a_member(team, Role.OWNER)


@pytest.fixture
def producer(team) -> Member:
    """Give a producer of the team."""
    return a_member(team, Role.PRODUCER)


@pytest.fixture
def creator(team) -> Member:
    """Give a creator of the team."""
    return a_member(team, Role.CREATOR)


@pytest.fixture
def reviewer(team) -> Member:
    """Give a reviewer of the team."""
    return a_member(team, Role.REVIEWER)


@pytest.fixture
def viewer(team) -> Member:
    """Give a viewer of the team."""
    return a_member(team, Role.VIEWER)


@pytest.fixture
def stranger(db) -> Member:
    """Give the owner of another team, which has one of everything."""
    other = a_team(name="Somebody else's")
    belongings_of(other)
    return a_member(other, Role.OWNER)
