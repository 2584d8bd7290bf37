"""The live stream through the real ASGI handler."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import InterfaceError, OperationalError
from django.test import AsyncClient

from apps.activity import stream
from apps.activity.stream import tail
from apps.activity.views import live
from apps.activity.workers.fan_out import fan_out
from apps.core.events import record
from apps.jobs.states import State
from apps.projects.models import Project
from apps.teams.models import Member
from apps.teams.roles import Role
from apps.teams.scoping import everywhere, within
from apps.teams.services import remove
from tests.support.factories import a_job, a_member, a_private_project, an_image, client_of

# The tail reads in threads of its own and closes their connections: nothing here may hang on a
# transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(stream, "TICK_SECONDS", 0.01)


@asynccontextmanager
async def listening(member):
    """Yield what a signed-in member hears, once the tail has begun."""
    client = AsyncClient()
    await client.aforce_login(member.user)
    response = await client.get("/activity/stream/")
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    heard = aiter(response)
    assert (await anext(heard)).startswith(b"retry:")
    await wait_for_start()
    try:
        yield heard
    finally:
        await hang_up(heard)


async def hang_up(heard):
    """Go away while nothing is said, as browsers do: the server cancels what waits."""
    waiting = asyncio.ensure_future(anext(heard))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])


async def wait_for_start():
    """Wait until the tail has seen what happened before."""
    while not tail()._sent:  # noqa: ASYNC110
        await asyncio.sleep(0)


@sync_to_async
def move_async(job, to=State.CANCELLED):
    with within(job.team):
        job.move(to)


async def jobs_in(heard) -> list[str]:
    line = await asyncio.wait_for(anext(heard), 5)
    return json.loads(line.decode().removeprefix("data: "))["jobs"]


def test_a_member_is_sent_the_job_that_changed(viewer):
    job = a_job(viewer.team)

    async def story():
        async with listening(viewer) as heard:
            await move_async(job)
            return await jobs_in(heard)

    assert async_to_sync(story)() == [str(job.public_id)]


def test_nobody_is_sent_another_teams_jobs(viewer, stranger):
    ours, theirs = a_job(viewer.team), a_job(stranger.team)

    async def story():
        async with listening(viewer) as heard:
            await move_async(theirs)
            await move_async(ours)
            return await jobs_in(heard)

    assert async_to_sync(story)() == [str(ours.public_id)]


def jobs_heard_after(member, *deeds) -> list[str]:
    """What a member hears of, when these are done one after the other while they listen."""

    async def story():
        async with listening(member) as heard:
            for deed, *given in deeds:
                await sync_to_async(deed)(*given)
            return await jobs_in(heard)

    return async_to_sync(story)()


def move(job):
    with within(job.team):
        job.move(State.CANCELLED)


def hide(job):
    """Make the project of a job private, in somebody else's window."""
    with within(job.team):
        Project.objects.filter(pk=job.project_id).update(is_private=True)


def take_off(job, member):
    with within(job.team):
        job.project.project_members.filter(member=member).delete()


def place(job, member):
    with within(job.team):
        job.project.project_members.create(team=job.team, member=member)


@pytest.fixture
def ours(viewer):
    return a_job(viewer.team)


def a_hidden_job(team, *members):
    return a_job(team, image=an_image(team, a_private_project(team, *members)))


@pytest.mark.parametrize("role", list(Role))
def test_nobody_is_sent_jobs_of_a_project_hidden_from_them(team, role):
    hidden, ours = a_hidden_job(team, a_member(team)), a_job(team)
    assert jobs_heard_after(a_member(team, role), (move, hidden), (move, ours)) == [
        str(ours.public_id)
    ]


def test_members_of_a_private_project_are_sent_its_jobs(viewer):
    hidden = a_hidden_job(viewer.team, viewer)
    assert jobs_heard_after(viewer, (move, hidden)) == [str(hidden.public_id)]


def test_a_project_made_private_is_no_longer_sent_to_open_streams(viewer, ours):
    theirs = a_job(viewer.team)
    place(theirs, a_member(viewer.team))
    deeds = [(hide, theirs), (move, theirs), (move, ours)]
    assert jobs_heard_after(viewer, *deeds) == [str(ours.public_id)]


def test_a_new_project_member_is_sent_jobs_at_once(viewer):
    hidden = a_hidden_job(viewer.team, a_member(viewer.team))
    assert jobs_heard_after(viewer, (place, hidden, viewer), (move, hidden)) == [
        str(hidden.public_id)
    ]


def test_a_removed_project_member_is_sent_no_more_jobs(viewer, ours):
    hidden = a_hidden_job(viewer.team, viewer, a_member(viewer.team))
    deeds = [(take_off, hidden, viewer), (move, hidden), (move, ours)]
    assert jobs_heard_after(viewer, *deeds) == [str(ours.public_id)]


def test_a_former_member_is_sent_nothing_more(viewer, ours, monkeypatch):
    monkeypatch.setattr(stream, "KEEPALIVE_SECONDS", 0.2)

    async def story():
        async with listening(viewer) as heard:
            await sync_to_async(Member.objects.filter(pk=viewer.pk).delete)()
            await move_async(ours)
            return await asyncio.wait_for(anext(heard), 5)

    assert async_to_sync(story)().startswith(b":")


def test_events_before_the_connection_are_not_sent(viewer):
    job, later = a_job(viewer.team), a_job(viewer.team)

    async def story():
        await move_async(job)
        async with listening(viewer) as heard:
            await move_async(later)
            return await jobs_in(heard)

    assert async_to_sync(story)() == [str(later.public_id)]


@sync_to_async
def notify(member, job):
    """Somebody is told of something, as the round writes it down."""
    with within(job.team):
        record("mentioned", job, who=[member.user_id])
    with everywhere():
        fan_out()


def test_a_person_is_sent_that_they_have_new_notices_and_nobody_else_is(viewer, owner):
    job, later = a_job(viewer.team), a_job(viewer.team)

    async def story():
        async with listening(viewer) as mine, listening(owner) as theirs:
            while tail()._notices._newest is None:  # noqa: ASYNC110
                await asyncio.sleep(0)
            await notify(viewer, job)
            while b"notices" not in await asyncio.wait_for(anext(mine), 20):
                pass
            await move_async(later)
            # which knows of nothing but jobs
            while str(later.public_id) not in await jobs_in(theirs):
                pass

    async_to_sync(story)()


def test_several_listeners_share_one_tail(viewer, owner):
    job = a_job(viewer.team)

    async def story():
        async with listening(viewer) as one, listening(owner) as two:
            shared = tail()._task
            await move_async(job)
            assert await jobs_in(one) == await jobs_in(two)
            assert tail()._task is shared
        await asyncio.wait_for(shared, 5)
        assert not tail()._listeners

    async_to_sync(story)()


def test_a_stream_ends_with_the_membership(owner, creator):
    async def story():
        async with listening(creator) as heard:
            await sync_to_async(remove)(owner, creator, owner)
            return [line async for line in heard]

    assert async_to_sync(story)() == []
    assert client_of(creator).get("/activity/stream/").status_code == 401


def test_an_idle_stream_sends_comments_to_keep_proxies_connected(viewer, monkeypatch):
    monkeypatch.setattr(stream, "KEEPALIVE_SECONDS", 0.01)

    async def story():
        async with listening(viewer) as heard:
            return await asyncio.wait_for(anext(heard), 5)

    assert async_to_sync(story)().startswith(b":")


def test_a_failing_database_ends_no_stream(viewer, monkeypatch):
    job, real, stumbles = a_job(viewer.team), stream.changes_since, iter([True])

    def stumbling(*given):
        if next(stumbles, False):
            raise OperationalError("restarting")
        return real(*given)

    monkeypatch.setattr(stream, "changes_since", stumbling)

    async def story():
        async with listening(viewer) as heard:
            await move_async(job)
            return await jobs_in(heard)

    assert async_to_sync(story)() == [str(job.public_id)]


def test_a_database_that_is_down_at_the_first_connection_ends_no_stream(viewer, monkeypatch):
    job, real, stumbles = a_job(viewer.team), stream.latest_events, iter([True])

    def stumbling():
        if next(stumbles, False):
            raise InterfaceError("connection already closed")
        return real()

    monkeypatch.setattr(stream, "latest_events", stumbling)

    async def story():
        async with listening(viewer) as heard:
            await move_async(job)
            return await jobs_in(heard)

    assert async_to_sync(story)() == [str(job.public_id)]


def test_a_stream_holds_no_connection_to_the_database(viewer, monkeypatch):
    handed_back = []
    monkeypatch.setattr(live, "close_stale_connections", lambda: handed_back.append(True))
    assert status(viewer) == 200
    assert handed_back


def status(member=None, method="get"):
    async def ask():
        client = AsyncClient()
        if member:
            await client.aforce_login(getattr(member, "user", member))
        return (await getattr(client, method)("/activity/stream/")).status_code

    return async_to_sync(ask)()


def test_strangers_and_people_without_a_team_get_no_stream(team):
    teamless = a_member(team)
    teamless.delete()
    assert status() == status(teamless) == 401


def test_the_stream_answers_get_only(viewer):
    assert status(viewer, "post") == 405
