import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from apps.clips.states import Verdict
from apps.desk.queries import SHOWN, desk_of
from apps.jobs.states import MOVING, TROUBLED, State
from apps.teams.scoping import within
from tests.support.cases import case
from tests.support.factories import a_clip, a_job, a_project, an_account, client_of

pytestmark = pytest.mark.django_db


def desk(member):
    with within(member.team):
        return desk_of(member)


def ids(tiles):
    return [tile.id for tile in tiles]


def test_reviewers_see_clips_that_wait_for_a_decision(request, team):
    older, newer = a_clip(team), a_clip(team)
    a_clip(team, verdict=Verdict.APPROVED)
    for who in ("reviewer", "producer", "owner"):
        with case(who):
            seen = desk(request.getfixturevalue(who))
            assert ids(seen["to_decide"]) == [newer.public_id, older.public_id]
            assert seen["to_decide_count"] == 2


def test_only_reviewers_are_shown_clips_to_decide(request, team):
    a_clip(team)
    for who in ("creator", "viewer"):
        with case(who):
            seen = desk(request.getfixturevalue(who))
            assert (seen["to_decide"], seen["to_decide_count"]) == ([], 0)


def test_a_creator_sees_their_own_running_and_failed_jobs(team, creator, producer):
    account = an_account(team)
    mine = {state: a_job(team, state, account=account, created_by=creator.user) for state in State}
    for state in State:
        a_job(team, state, account=account, created_by=producer.user)
    seen = desk(creator)
    assert {stack.job.state for stack in seen["moving"]} == MOVING
    assert {stack.job.state for stack in seen["trouble"]} == TROUBLED
    assert {stack.job for stack in [*seen["moving"], *seen["trouble"]]} <= set(mine.values())


def test_a_creator_sees_their_clips_with_changes_requested_and_in_review(team, creator):
    job = a_job(team, State.SAVED, clips=0, created_by=creator.user)
    change = a_clip(team, job, take=1, verdict=Verdict.CHANGES)
    waits = a_clip(team, job, take=2)
    a_clip(team, verdict=Verdict.CHANGES)
    seen = desk(creator)
    assert ids(seen["to_change"]) == [change.public_id]
    assert ids(seen["in_review"]) == [waits.public_id]


def test_everybody_sees_approved_clips_and_projects(request, team):
    clip = a_clip(team, verdict=Verdict.APPROVED)
    for who in ("owner", "producer", "creator", "reviewer", "viewer"):
        with case(who):
            seen = desk(request.getfixturevalue(who))
            assert ids(seen["approved"]) == [clip.public_id]
            assert [project.pk for project in seen["projects"]] == [clip.project_id]


def test_the_desk_shows_nothing_of_another_team(owner, stranger):
    seen = desk(owner)
    assert not any(
        list(value)
        for key, value in seen.items()
        if key not in {"to_decide_count", "late_count", "first_use"}
    )


def test_a_desk_stays_small(team, owner):
    for _ in range(SHOWN + 2):
        a_project(team)
    assert len(desk(owner)["projects"]) == SHOWN


def test_the_first_page_costs_the_same_however_much_there_is(
    team, creator, django_assert_max_num_queries
):
    client, account = client_of(creator), an_account(team)

    def work(times):
        for _ in range(times):
            for state in (State.AT_VENDOR, State.FAILED):
                a_job(team, state, account=account, created_by=creator.user)
            a_clip(team, verdict=Verdict.APPROVED)

    work(1)
    client.get(reverse("desk:home"))
    with django_assert_max_num_queries(30) as few:
        client.get(reverse("desk:home"))
    work(4)
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("desk:home"))


def test_a_newcomer_sees_the_first_steps(creator):
    assertContains(client_of(creator).get(reverse("desk:home")), reverse("projects:create"))


def test_an_unknown_host_is_refused_in_the_demo_too(client, settings):
    settings.DEMO = True
    assert client.get("/accounts/login/", headers={"host": "elsewhere.example"}).status_code == 400
