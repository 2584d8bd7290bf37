import re

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from apps.clips.states import Nsfw, Verdict
from apps.gallery.queries import (
    clips_in_stacks,
    matching_clips,
    matching_jobs,
    read_filters,
)
from apps.gallery.tiles import stacks_of
from apps.jobs.models import Chain, Job, Submission
from apps.jobs.states import MOVING, TROUBLED, State, SubmissionOutcome
from apps.teams.scoping import within
from tests.support.factories import (
    a_clip,
    a_job,
    a_member,
    a_project,
    an_account,
    an_image,
    an_output,
    client_of,
)

pytestmark = pytest.mark.django_db
GRID, TILES = "gallery:grid", "gallery:tiles"
TROUBLE = {"state": "trouble"}


@pytest.fixture
def look(viewer):
    """Find jobs by the filters of an address, as the viewer."""

    def find(**params):
        with within(viewer.team):
            filters = read_filters(params, viewer)
            stacks = stacks_of(matching_jobs(filters), clips_in_stacks(filters))
            return {stack.job.pk: stack.tiles for stack in stacks}

    return find


@pytest.fixture
def find_clips(viewer):
    """Find clips by the filters of an address, as the viewer."""

    def find(**params):
        with within(viewer.team):
            return set(matching_clips(read_filters(params, viewer)))

    return find


@pytest.fixture
def account(team):
    return an_account(team)


def test_without_filters_everything_is_there_but_drafts(look, team, account):
    jobs = [a_job(team, state, account=account) for state in State]
    assert set(look()) == {job.pk for job in jobs if job.state != State.PLANNED}


@pytest.mark.parametrize("state", [state for state in State if state != State.PLANNED])
def test_each_state_is_a_filter(look, team, account, state):
    jobs = {each: a_job(team, each, account=account) for each in State}
    assert set(look(state=state)) == {jobs[state].pk}


@pytest.mark.parametrize(("group", "states"), [("moving", MOVING), ("trouble", TROUBLED)])
def test_groups_of_states_are_filters(look, team, account, group, states):
    jobs = [a_job(team, state, account=account) for state in State]
    assert set(look(state=group)) == {job.pk for job in jobs if job.state in states}


@pytest.mark.parametrize("nsfw", Nsfw)
def test_clips_are_found_by_their_flag(look, team, nsfw):
    wanted, other = a_job(team, State.SAVED, clips=0), a_job(team, State.SAVED, clips=0)
    clip = a_clip(team, wanted, take=1, nsfw=nsfw)
    elsewhere = next(value for value in Nsfw if value != nsfw)
    a_clip(team, wanted, take=2, nsfw=elsewhere)
    a_clip(team, other, nsfw=elsewhere)
    assert {job: [tile.id for tile in tiles] for job, tiles in look(nsfw=nsfw).items()} == {
        wanted.pk: [clip.public_id]
    }


@pytest.mark.parametrize("verdict", Verdict)
def test_clips_are_found_by_what_was_decided(look, team, verdict):
    job = a_job(team, State.SAVED, clips=0)
    clips = {
        each: a_clip(team, job, take=take, verdict=each)
        for take, each in enumerate(Verdict, start=1)
    }
    assert [tile.id for tile in look(verdict=verdict)[job.pk]] == [clips[verdict].public_id]


def test_clips_are_found_by_flag_decision_project_author_and_words(find_clips, team, creator):
    clip = a_clip(team, nsfw=Nsfw.FLAGGED, verdict=Verdict.APPROVED, author=creator.user)
    other = a_clip(team, prompt_text="A street", image_title="Night")
    assert find_clips() == {clip, other}
    for params in (
        {"nsfw": "flagged"},
        {"verdict": "approved"},
        {"project": str(clip.project.public_id)},
        {"person": str(creator.user.pk)},
        {"q": "camera pans"},
    ):
        assert find_clips(**params) == {clip}, params
    assert find_clips(nsfw="flagged", q="street") == set()


def test_the_grid_shows_clips_newest_first_behind_the_jobs_on_their_way(viewer, team, account):
    clips = [a_clip(team) for _ in range(2)]
    moving = a_job(team, State.AT_VENDOR, account=account)
    a_job(team, State.FAILED, account=account)
    answer = client_of(viewer).get(reverse(GRID))
    assert [tile.id for tile in answer.context["tiles"]] == [
        clips[1].public_id,
        clips[0].public_id,
    ]
    assert [stack.job for stack in answer.context["stacks"]] == [moving]
    assertContains(answer, "2 clips")
    assertContains(answer, "1 job needs attention")
    assertContains(answer, "?state=trouble")


def test_a_filter_about_clips_leaves_out_the_jobs_on_their_way(viewer, team, account):
    a_job(team, State.AT_VENDOR, account=account)
    answer = client_of(viewer).get(reverse(GRID), {"verdict": "approved"})
    assert answer.context["stacks"] == []


def test_further_pages_show_clips_alone(viewer, team, account, monkeypatch):
    monkeypatch.setattr("apps.gallery.views.PAGE_SIZE", 1)
    first, second = a_clip(team), a_clip(team)
    a_job(team, State.AT_VENDOR, account=account)
    page = client_of(viewer).get(reverse(GRID))
    assert [tile.id for tile in page.context["tiles"]] == [second.public_id]
    rest = client_of(viewer).get(reverse(GRID), {"after": page.context["page"].next_cursor})
    assert [tile.id for tile in rest.context["tiles"]] == [first.public_id]
    assert "stacks" not in rest.context


def test_more_jobs_on_their_way_than_fit_in_front_are_a_link(viewer, team, account, monkeypatch):
    monkeypatch.setattr("apps.gallery.views.MOST_MOVING", 1)
    for _ in range(2):
        a_job(team, State.AT_VENDOR, account=account)
    answer = client_of(viewer).get(reverse(GRID))
    assert len(answer.context["stacks"]) == 1
    assertContains(answer, 'href="?state=moving"')


def test_the_clips_of_a_job_that_is_done_come_in_its_place(viewer, team):
    job = a_job(team, State.SAVED, clips=2)
    answer = client_of(viewer).get(reverse(TILES), {"id": str(job.public_id)})
    holder = f'id="job-{job.public_id}"'
    assertContains(answer, holder, count=1)
    with within(team):
        for clip in job.clips:
            assertContains(answer, f'id="clip-{clip.public_id}"', count=1)


def test_a_clip_that_changed_is_drawn_anew_by_itself(viewer, team):
    clip = a_clip(team, verdict=Verdict.APPROVED)
    answer = client_of(viewer).get(reverse(TILES), {"id": str(clip.public_id)})
    assertContains(answer, f'id="clip-{clip.public_id}" hx-swap-oob="true"')
    assertContains(answer, f'id="tile-{clip.public_id}"')
    assertContains(answer, "Approved")


def test_two_filters_about_clips_speak_of_the_same_clip(look, team):
    job = a_job(team, State.SAVED, clips=0)
    a_clip(team, job, take=1, nsfw=Nsfw.FLAGGED, verdict=Verdict.UNDECIDED)
    a_clip(team, job, take=2, nsfw=Nsfw.CLEAR, verdict=Verdict.APPROVED)
    assert look(nsfw="flagged", verdict="approved") == {}
    assert set(look(nsfw="clear", verdict="approved")) == {job.pk}


def test_projects_and_people_are_filters(look, team, creator):
    project = a_project(team)
    ours = a_job(team, project=project, image=an_image(team, project))
    theirs = a_job(team, created_by=creator.user)
    assert set(look(project=str(project.public_id))) == {ours.pk}
    assert set(look(person=str(creator.user.pk))) == {theirs.pk}
    assert look(project=str(project.public_id), person=str(creator.user.pk)) == {}


def test_words_are_looked_for_in_prompts_and_titles(look, team):
    by_prompt = a_job(team, prompt_text="Mist drifts over the lake")
    by_title = a_job(team, image_title="Lake in the morning")
    a_job(team, prompt_text="A street", image_title="Night")
    assert set(look(q=" LAKE ")) == {by_prompt.pk, by_title.pk}
    assert look(q="100%_") == {}
    assert set(look(q="LA\0KE")) == {by_prompt.pk, by_title.pk}, "PostgreSQL takes no NUL"


@pytest.mark.parametrize(
    "params",
    [
        {"state": "dancing"},
        {"nsfw": "maybe"},
        {"verdict": "liked"},
        {"project": "not-an-id"},
        {"person": "٣²"},
        {"person": "9" * 30},
        {"person": "1; DROP TABLE"},
    ],
)
def test_a_filter_nobody_knows_is_left_out(look, team, viewer, params):
    job = a_job(team)
    assert set(look(**params)) == {job.pk}
    assert read(viewer, params).chips() == []


def test_another_teams_project_and_people_are_no_filters(viewer, stranger):
    theirs = a_project(stranger.team)
    filters = read(viewer, {"project": str(theirs.public_id), "person": str(stranger.user.pk)})
    assert (filters.project, filters.person) == (None, None)


def read(member, params):
    with within(member.team):
        return read_filters(params, member)


def test_each_filter_in_force_is_a_chip_in_words(viewer, creator):
    project = a_project(viewer.team, name="Coast")
    params = {
        "state": "trouble",
        "nsfw": "flagged",
        "verdict": "changes_requested",
        "project": str(project.public_id),
        "person": str(creator.user.pk),
        "q": "mist",
    }
    assert [(chip.key, chip.words) for chip in read(viewer, params).chips()] == [
        ("state", "Needs attention"),
        ("verdict", "Changes requested"),
        ("nsfw", "NSFW: Flagged"),
        ("project", "Coast"),
        ("person", creator.user.name),
        ("q", "“mist”"),
    ]


def test_four_takes_of_one_shot_hang_together_in_order(look, team):
    job = a_job(team, State.SAVED, clips=4)
    with within(team):
        ids = list(job.clips.all().values_list("public_id", flat=True))
    assert [tile.id for tile in look()[job.pk]] == ids


def test_a_clip_that_is_not_saved_yet_is_not_shown(look, team):
    job = a_job(team, State.SAVING)
    an_output(team, job)
    (tile,) = look()[job.pk]
    assert (tile.id, tile.state, tile.is_moving) == (job.public_id, "saving", True)


def test_the_grid_counts_what_was_found_and_says_how_to_go_on(viewer, team, account, monkeypatch):
    monkeypatch.setattr("apps.gallery.views.PAGE_SIZE", 2)
    jobs = [a_job(team, State.FAILED, account=account) for _ in range(3)]
    response = client_of(viewer).get(reverse(GRID), {"state": "failed"})
    assert response.context["count"] == 3
    assert [stack.job for stack in response.context["stacks"]] == jobs[:0:-1]
    cursor = response.context["page"].next_cursor
    rest = client_of(viewer).get(reverse(GRID), {"state": "failed", "after": cursor})
    assert [stack.job for stack in rest.context["stacks"]] == jobs[:1]


def test_the_grid_costs_the_same_for_one_job_and_for_thirty(
    viewer, team, account, django_assert_max_num_queries
):
    client, image = client_of(viewer), an_image(team)

    def fill(times):
        for _ in range(times):
            for state in (State.AT_VENDOR, State.SAVED, State.FAILED):
                a_job(team, state, account=account, image=image, project=image.project)

    fill(1)
    client.get(reverse(GRID))
    with django_assert_max_num_queries(25) as few:
        client.get(reverse(GRID))
    fill(9)
    with django_assert_max_num_queries(len(few)):
        assert client.get(reverse(GRID)).context["count"] == 10


@pytest.mark.parametrize("outcome", [SubmissionOutcome.UNKNOWN, SubmissionOutcome.NOT_RECEIVED])
def test_a_tile_asks_before_it_retries_what_may_have_arrived(creator, team, account, outcome):
    job = a_job(team, State.FAILED, account=account)
    with within(team):
        job.submissions.update(outcome=outcome)
    grid = client_of(creator).get(reverse(GRID), TROUBLE).content.decode()
    assert reverse("jobs:retry", args=[job.public_id]) in grid
    assert ("Order again? If the first order arrived" in grid) is (
        outcome == SubmissionOutcome.UNKNOWN
    )


def test_tiles_are_told_as_they_are_now_and_only_the_teams_own(viewer, team, stranger):
    ours, theirs = a_job(team), a_job(stranger.team)
    ids = [str(ours.public_id), str(theirs.public_id), "rubbish", ""]
    response = client_of(viewer).get(reverse(TILES), {"id": ids})
    assertContains(response, str(ours.public_id))
    assertNotContains(response, str(theirs.public_id))
    assertNotContains(response, "<html")


def test_asking_for_too_many_tiles_is_answered_in_part(viewer, team, account, monkeypatch):
    monkeypatch.setattr("apps.gallery.views.MOST_TILES", 2)
    jobs = [a_job(team, account=account) for _ in range(3)]
    response = client_of(viewer).get(reverse(TILES), {"id": [str(job.public_id) for job in jobs]})
    assert len(response.context["stacks"]) == 2


def test_people_of_the_team_alone_are_offered(viewer, stranger):
    somebody = a_member(viewer.team, name="Paul Pereira")
    response = client_of(viewer).get(reverse(GRID))
    offered = [member.user for member in response.context["choices"]["people"]]
    assert somebody.user in offered
    assert stranger.user not in offered


def test_late_jobs_are_a_filter_and_a_chip(look, team, account, viewer):
    late = a_job(team, State.SAVED, account=account, is_late=True)
    a_job(team, State.SAVED, account=account)
    assert set(look(state="late")) == {late.pk}
    assert all(tile.is_late for tile in look(state="late")[late.pk])
    assert [chip.words for chip in read(viewer, {"state": "late"}).chips()] == ["Arrived late"]


def test_while_saving_the_clips_that_are_here_are_shown_beside_a_tile_for_the_rest(look, team):
    job = a_job(team, State.SAVING)
    here = a_clip(team, job, take=2)
    for take in (1, 3, 4):
        an_output(team, job, take=take)
    clip, rest = look()[job.pk]
    assert clip.id == here.public_id
    assert (rest.id, rest.state, rest.eta, rest.percent) == (
        job.public_id,
        "saving",
        "1 of 4 saved",
        25,
    )


def test_a_joined_clip_stands_behind_the_takes_of_its_last_part(look, team):
    job = a_job(team, State.SAVED, clips=2)
    joined = a_clip(team, job, take=101, is_joined=True)
    tiles = look()[job.pk]
    assert [tile.is_joined for tile in tiles] == [False, False, True]
    assert tiles[-1].id == joined.public_id


def test_urgency_is_shown_while_it_matters(look, team, account):
    waits = a_job(team, State.QUEUED, account=account, is_urgent=True)
    saved = a_job(team, State.SAVED, account=account, is_urgent=True)
    found_tiles = look()
    assert found_tiles[waits.pk][0].is_urgent
    assert not found_tiles[saved.pk][0].is_urgent


def test_a_failed_tile_offers_why_other_words_and_a_retry_with_its_price(creator, team, account):
    failed = a_job(team, State.FAILED, account=account)
    answer = client_of(creator).get(reverse(GRID), TROUBLE)
    for offered in (
        failed.get_absolute_url(),
        f"?again={failed.public_id}",
        f"{failed.get_absolute_url()}retry/",
    ):
        assertContains(answer, offered)


def test_a_retry_from_a_tile_orders_for_the_price_that_stands_there(creator, team, account):
    failed = a_job(team, State.FAILED, account=account)
    page = client_of(creator)
    tile = page.get(reverse(GRID), TROUBLE).content.decode()
    fields = dict(re.findall(r'name="(idempotency_key|quoted_price)" value="([^"]+)"', tile))
    page.post(f"{failed.get_absolute_url()}retry/", fields)
    with within(team):
        assert Job.objects.get(rerun_of=failed).state == State.QUEUED


def test_a_retry_from_a_second_tab_of_the_grid_asks_first(creator, team, account):
    failed = a_job(team, State.FAILED, account=account)
    page, field = (
        client_of(creator),
        re.compile(r'name="(idempotency_key|quoted_price|last_order_seen)" value="([^"]+)"'),
    )
    tabs = [
        dict(field.findall(page.get(reverse(GRID), TROUBLE).content.decode())) for _ in range(2)
    ]
    told = [page.post(f"{failed.get_absolute_url()}retry/", fields) for fields in tabs]
    assert [answer.status_code for answer in told] == [302, 422]
    assertContains(told[1], "ordered exactly this", status_code=422)


def test_a_longer_clip_is_retried_on_its_own_page_where_all_that_follows_has_a_price(
    creator, team, account
):
    failed = a_job(team, State.FAILED, account=account)
    with within(team):
        chain = Chain.objects.create(team=team, project=failed.project)
        Job.objects.filter(pk=failed.pk).update(chain=chain)
    answer = client_of(creator).get(reverse(GRID), TROUBLE)
    assertContains(answer, failed.get_absolute_url())
    assertNotContains(answer, f"{failed.get_absolute_url()}retry/")


@pytest.mark.parametrize(
    ("outcome", "warns"), [(SubmissionOutcome.UNKNOWN, 1), (SubmissionOutcome.NOT_RECEIVED, 0)]
)
def test_a_retry_from_a_tile_warns_where_the_first_order_may_have_arrived(
    creator, team, account, outcome, warns
):
    given_up = a_job(team, State.FAILED, account=account)
    with within(team):
        Submission.objects.filter(job=given_up).update(outcome=outcome)
    answer = client_of(creator).get(reverse(GRID), TROUBLE)
    assertContains(answer, "If the first order arrived after all", count=warns)
    assertContains(answer, f"{given_up.get_absolute_url()}retry/")


def test_a_viewer_is_offered_the_reason_only(viewer, team, account):
    failed = a_job(team, State.FAILED, account=account)
    answer = client_of(viewer).get(reverse(GRID), TROUBLE)
    assertContains(answer, failed.get_absolute_url())
    assertNotContains(answer, f"{failed.get_absolute_url()}retry/")
