"""The trash: what is in it is nowhere else, can be brought back, and was paid for all the same."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.activity.models import Event
from apps.clips.models import Clip
from apps.clips.services import empty_trash, move_to_trash, restore
from apps.clips.states import Verdict
from apps.core.errors import DomainError, NotAllowed
from apps.jobs.services import extend
from apps.jobs.states import State
from apps.reviews.queries import next_waiting, waiting
from apps.reviews.services import decide
from apps.teams.roles import Permission
from apps.teams.scoping import within
from apps.teams.services import archive
from tests.support.factories import (
    a_clip,
    a_job,
    a_member,
    a_private_project,
    a_token,
    an_account,
    an_image,
    an_output,
    client_of,
    job_of,
)

pytestmark = pytest.mark.django_db
GRID, TRASH = reverse("gallery:grid"), reverse("clips:trash")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clip(team):
    return a_clip(team)


@pytest.fixture
def inside(team):
    """Be within the team."""
    with within(team):
        yield


def put_in_trash(clip: Clip, ago: timedelta = timedelta(), **fields) -> Clip:
    """Put a clip into the trash without anybody's doing."""
    with within(clip.team):
        Clip.objects.filter(pk=clip.pk).update(trashed_at=timezone.now() - ago, **fields)
    return now(clip)


def delete_for_good(clip: Clip) -> Clip:
    return put_in_trash(clip, gone_at=timezone.now())


def now(clip: Clip) -> Clip:
    with within(clip.team):
        return Clip.objects.get(pk=clip.pk)


def press(member, clip, deed="move_to_trash", to="", **options):
    address = reverse(f"clips:{deed}", args=[clip.public_id])
    return client_of(member).post(f"{address}?next={to}" if to else address, **options)


def verbs(team) -> list[str]:
    with within(team):
        return list(Event.objects.order_by("pk").values_list("verb", flat=True))


@pytest.mark.parametrize("who", ["creator", "producer", "owner"])
def test_creators_producers_and_owners_trash_and_restore_a_clip(request, clip, who):
    member = request.getfixturevalue(who)
    assertRedirects(press(member, clip), clip.get_absolute_url())
    assert (now(clip).trashed_by, now(clip).trashed_at is None) == (member.user, False)
    assertRedirects(press(member, clip, "restore"), clip.get_absolute_url())
    assert (now(clip).trashed_by, now(clip).trashed_at) == (None, None)
    assert verbs(clip.team) == ["trashed", "restored"]


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_viewers_and_reviewers_neither_trash_nor_restore(request, clip, who):
    member = request.getfixturevalue(who)
    assert press(member, clip).status_code == 403
    assert press(member, put_in_trash(clip), "restore").status_code == 403
    assert now(clip).trashed_at
    for page in (GRID, TRASH, clip.get_absolute_url()):
        answer = client_of(member).get(page)
        assertNotContains(answer, "Move to trash:")
        assertNotContains(answer, f"{clip.public_id}/restore/")


def test_a_token_for_ordering_trashes_nothing(creator, clip):
    _token, secret = a_token(creator, Permission.CREATE)
    bearer = {"Authorization": f"Bearer {secret}"}
    address = reverse("clips:move_to_trash", args=[clip.public_id])
    assert client_of(a_member(creator.team)).post(address, headers=bearer).status_code == 403
    assert now(clip).trashed_at is None


def test_another_teams_clip_is_404(stranger, clip):
    for deed in ("move_to_trash", "restore"):
        assert press(stranger, clip, deed).status_code == 404
    assertNotContains(client_of(stranger).get(TRASH), str(put_in_trash(clip).public_id))


def test_trashing_twice_trashes_once(creator, producer, clip, inside):
    move_to_trash(creator, clip)
    since = now(clip).trashed_at
    move_to_trash(producer, clip)
    assert (now(clip).trashed_at, now(clip).trashed_by) == (since, creator.user)
    restore(creator, clip)
    restore(creator, clip)
    assert verbs(clip.team) == ["trashed", "restored"]


def test_a_clip_that_outlived_its_job_can_be_trashed(creator, clip):
    with within(clip.team):
        job_of(clip).delete()
    press(creator, clip)
    assertContains(client_of(creator).get(TRASH), str(clip.public_id))


def test_a_trashed_clip_is_no_tile_and_is_not_counted(viewer, team, clip):
    other = a_clip(team)
    put_in_trash(clip)
    answer = client_of(viewer).get(GRID)
    assert [tile.id for tile in answer.context["tiles"]] == [other.public_id]
    assert answer.context["count"] == 1
    jobs = client_of(viewer).get(GRID, {"state": "saved"})
    assert [stack.job for stack in jobs.context["stacks"]] == [job_of(other)]
    assert jobs.context["count"] == 1


def test_a_grid_whose_clips_are_all_trashed_links_to_the_trash(viewer, clip):
    put_in_trash(clip)
    assertContains(client_of(viewer).get(GRID), "Everything made here is in the trash.")


def test_a_job_shows_its_clips_that_are_not_trashed(viewer, team):
    job = a_job(team, State.SAVED, clips=0)
    left, _trashed = a_clip(team, job), put_in_trash(a_clip(team, job, take=2))
    (stack,) = client_of(viewer).get(GRID, {"state": "saved"}).context["stacks"]
    assert [tile.id for tile in stack.tiles] == [left.public_id]


def test_a_running_job_stays_in_the_grid_when_its_first_clip_is_trashed(viewer, team):
    job = a_job(team, State.SAVING)
    put_in_trash(a_clip(team, job, take=1))
    a_clip(team, job, take=2)
    an_output(team, job, take=3)
    (stack,) = client_of(viewer).get(GRID, {"state": "saving"}).context["stacks"]
    assert [tile.state for tile in stack.tiles] == ["saved", "saving"]
    assert stack.tiles[-1].eta == "1 of 2 saved"


def test_filters_do_not_find_trashed_clips(viewer, clip):
    with within(clip.team):
        Clip.objects.update(verdict=Verdict.APPROVED)
    put_in_trash(clip)
    for query in ("verdict=approved", "nsfw=clear", "state=saved", "q=camera"):
        assert client_of(viewer).get(f"{GRID}?{query}").context["count"] == 0


def test_a_trashed_clip_is_neither_on_the_desk_nor_to_review(reviewer, team, clip, inside):
    approved = a_clip(team, verdict=Verdict.APPROVED)
    other = a_clip(team)
    put_in_trash(approved)
    put_in_trash(clip)
    assert list(waiting()) == [other]
    assert next_waiting(other) is None
    desk = client_of(reviewer).get(reverse("desk:home")).context
    assert desk["to_decide_count"] == 1
    assert desk["approved"] == []


def test_the_live_grid_removes_a_job_whose_clip_was_trashed(viewer, clip):
    job = job_of(put_in_trash(clip))
    answer = client_of(viewer).get(reverse("gallery:tiles"), {"id": str(job.public_id)})
    assertContains(answer, f'id="job-{job.public_id}"')
    assertNotContains(answer, "data-tile ")


def test_trashing_in_the_grid_offers_undo_and_names_what_changed(creator, clip):
    answer = press(creator, clip, to=GRID, headers=HTMX)
    undo = f"{reverse('clips:restore', args=[clip.public_id])}?next=%2Fgallery%2F"
    assertContains(answer, f'action="{undo}"')
    ids = {"ids": [str(clip.order), str(clip.public_id)]}
    assert json.loads(answer["HX-Trigger"]) == {"mjweb:changed": ids}
    assert tiles_in_grid(creator, clip) == (0, 0)
    client_of(creator).post(undo, headers=HTMX)
    assert tiles_in_grid(creator, clip) == (1, 1)


def tiles_in_grid(member, clip) -> tuple[int, int]:
    """How often the grid, asked anew for what changed, shows this clip; and how many it counts."""
    address = reverse("gallery:tiles")
    here = HTMX | {"HX-Current-URL": f"http://testserver{GRID}"}
    answer = client_of(member).get(address, {"id": str(clip.public_id)}, headers=here)
    tile = f'id="tile-{clip.public_id}"'
    return answer.content.decode().count(tile), answer.context["count"]


def test_trashing_in_the_grid_without_scripts_returns_to_the_grid(creator, clip):
    assertRedirects(press(creator, clip, to=GRID), GRID)
    assertRedirects(press(creator, clip, "restore", to=GRID), GRID)


def test_the_page_of_a_trashed_clip_offers_to_restore_it(creator, clip):
    put_in_trash(clip, trashed_by=creator.user)
    answer = client_of(creator).get(clip.get_absolute_url())
    for words in (
        "This clip is in the trash.",
        f"Moved here by {creator.user}",
        "It will be deleted in 30 days",
    ):
        assertContains(answer, words)
    assertContains(answer, reverse("clips:restore", args=[clip.public_id]))
    for address in ("reviews:decide", "jobs:extend", "clips:move_to_trash"):
        assertNotContains(answer, reverse(address, args=[clip.public_id]))


def test_a_trashed_clip_cannot_be_decided_on(reviewer, clip):
    put_in_trash(clip, verdict=Verdict.APPROVED)
    for deed, given in (("decide", {"verdict": "approved"}), ("take_back", {})):
        answer = client_of(reviewer).post(reverse(f"reviews:{deed}", args=[clip.public_id]), given)
        assertContains(answer, "Restore it to decide", status_code=422)


def test_a_trashed_clip_cannot_be_extended(creator, clip):
    page = client_of(creator).get(reverse("jobs:extend", args=[put_in_trash(clip).public_id]))
    assertContains(page, "Restore it first")


def test_a_chain_goes_on_after_its_clip_was_trashed(creator, team, inside):
    job = a_job(team, State.SAVED, account=an_account(team, kind="comet"))
    part = extend(creator, job.clips.get(), ["And on."], idempotency_key=uuid4())
    put_in_trash(job.clips.get())
    part.refresh_from_db()
    assert (part.state, part.extends_id) == (State.QUEUED, job.pk)


@pytest.mark.usefixtures("local_files")
def test_files_of_a_trashed_clip_are_served_until_it_is_deleted(viewer, stranger, clip):
    video = reverse("clips:file", args=[put_in_trash(clip).public_id, "video"])
    assert client_of(viewer).head(video).status_code == 200
    assert client_of(stranger).head(video).status_code == 404
    delete_for_good(clip)
    assert client_of(viewer).head(video).status_code == 404


def test_the_job_of_a_trashed_clip_says_so_and_keeps_its_state(viewer, clip):
    page = job_of(put_in_trash(clip)).get_absolute_url()
    answer = client_of(viewer).get(page)
    for words in ("1 of 1 saved", "In trash", "All clips of this job"):
        assertContains(answer, words)
    assert answer.context["job"].state == State.SAVED
    delete_for_good(clip)
    assertContains(client_of(viewer).get(page), "Deleted")


def test_a_trashed_clip_still_counts_in_costs(producer, team, clip):
    a_job(team, State.SAVED, project=clip.project, image=job_of(clip).image)
    costs = reverse("reports:clips")
    each = [row.each for row in client_of(producer).get(costs).context["rows"]]
    for remove in (put_in_trash, delete_for_good):
        remove(clip)
        assert [row.each for row in client_of(producer).get(costs).context["rows"]] == each


def test_the_trash_lists_the_latest_first_with_who_and_how_long(viewer, creator, team):
    clips = [a_clip(team) for _ in range(3)]
    for clip, days in zip(clips, (5, 29.9, 1), strict=True):
        put_in_trash(clip, timedelta(days=days), trashed_by=creator.user)
    answer = client_of(viewer).get(TRASH)
    assert [(clip, left) for clip, left in answer.context["rows"]] == [
        (clips[2], 29), (clips[0], 25), (clips[1], 1),
    ]  # fmt: skip
    assertContains(answer, f"Moved here by {creator.user}", count=3)
    assertContains(answer, "1 day left")


def test_the_trash_is_read_page_by_page(viewer, team, monkeypatch):
    monkeypatch.setattr("apps.clips.views.PAGE_SIZE", 2)
    moment = timezone.now()
    clips = [a_clip(team) for _ in range(5)]
    with within(team):  # thrown away together, as a selection is
        Clip.objects.all().update(trashed_at=moment)
    client, seen, after = client_of(viewer), [], ""
    while not seen or after:
        page = client.get(TRASH, {"after": after}).context["page"]
        seen, after = [*seen, *page.items], page.next_cursor
    assert seen == clips[::-1]


def test_the_trash_costs_the_same_for_one_clip_and_for_many(
    viewer, team, clip, django_assert_max_num_queries
):
    client = client_of(viewer)
    put_in_trash(clip)
    client.get(TRASH)
    with django_assert_max_num_queries(20) as few:
        client.get(TRASH)
    for _ in range(6):
        put_in_trash(a_clip(team, job_of(clip), take=11 + _), trashed_by=a_member(team).user)
    with django_assert_max_num_queries(len(few)):
        assert client.get(TRASH).context["count"] == 7


def test_restoring_by_htmx_removes_the_clip_from_the_trash_and_updates_the_count(
    creator, team, clip
):
    put_in_trash(clip)
    last = put_in_trash(a_clip(team))
    answer = press(creator, clip, "restore", to=TRASH, headers=HTMX)
    assertContains(answer, 'id="trash-head" hx-swap-oob="true"')
    assertContains(answer, '<span class="count">1</span>')
    assertContains(answer, "Restored from trash.")
    assert press(creator, last, "restore", to=TRASH, headers=HTMX)["HX-Redirect"] == TRASH


def test_the_trash_of_an_archived_team_cannot_be_changed(owner, creator, clip):
    put_in_trash(clip)
    with within(owner.team):
        archive(owner)
    assert press(creator, clip, "restore").status_code == 403
    assertContains(client_of(creator).get(TRASH), "Nothing is deleted while the team is archived.")


def test_an_owner_empties_the_trash_after_confirming_the_count(owner, team, clip):
    put_in_trash(clip)
    put_in_trash(a_clip(team))
    page = client_of(owner).get(TRASH)
    assertContains(page, "Delete all 2 clips in the trash? They can't be restored.")
    assertRedirects(client_of(owner).post(reverse("clips:empty_trash"), {"seen": "2"}), TRASH)
    assertContains(client_of(owner).get(TRASH), "The trash is empty")
    with within(team):
        assert Event.objects.get(verb="emptied").facts == {"count": 2}
        assert Clip.objects.filter(remove_at__isnull=False).count() == 2


def test_emptying_deletes_only_the_confirmed_clips(owner, team, clip, inside):
    put_in_trash(clip)
    put_in_trash(a_clip(team))
    for seen, status in (("1", 422), ("", 422), ("9" * 30, 422)):
        answer = client_of(owner).post(reverse("clips:empty_trash"), {"seen": seen})
        assertContains(answer, "There are 2 clips in the trash now.", status_code=status)
    assert Clip.objects.in_trash().count() == 2
    assert verbs(team) == []


def test_only_an_owner_empties_the_trash(producer, clip, inside):
    put_in_trash(clip)
    with pytest.raises(NotAllowed):
        empty_trash(producer, seen=1)
    assertNotContains(client_of(producer).get(TRASH), "Empty trash")


def test_emptying_deletes_only_clips_the_owner_sees(owner, producer, team, clip):
    image = an_image(team, a_private_project(team, producer))
    secret = put_in_trash(a_clip(team, a_job(team, State.SAVED, clips=0, image=image)))
    put_in_trash(clip)
    assertNotContains(client_of(owner).get(TRASH), str(secret.public_id))
    assertContains(client_of(producer).get(TRASH), str(secret.public_id))
    assert press(owner, secret, "restore").status_code == 404
    client_of(owner).post(reverse("clips:empty_trash"), {"seen": "1"})
    assert [now(one).gone_at is None for one in (clip, secret)] == [False, True]


def test_a_deleted_clip_cannot_be_restored_and_its_page_keeps_the_recipe(
    creator, reviewer, clip, inside
):
    decide(reviewer, clip, Verdict.APPROVED)
    delete_for_good(clip)
    with pytest.raises(DomainError, match="deleted"):
        restore(creator, clip)
    answer = client_of(creator).get(clip.get_absolute_url())
    assertContains(answer, "This clip was deleted.", status_code=410)
    assertContains(answer, clip.prompt_text, status_code=410)
    assertContains(answer, str(reviewer.user), status_code=410)
    assertNotContains(answer, reverse("reviews:take_back", args=[clip.public_id]), status_code=410)
