"""A team's name, and what it is: active, archived, suspended."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.activity.models import Event
from apps.core.errors import DomainError, NotAllowed
from apps.jobs.queries.unfinished import unfinished_counts
from apps.jobs.states import State
from apps.teams.models import Member, Team
from apps.teams.roles import Permission, Role
from apps.teams.scoping import within
from apps.teams.services import (
    archive,
    lift_suspension,
    rename,
    reopen,
    suspend,
)
from apps.teams.states import TeamStatus
from tests.support.accounts import an_operator, client_after_sign_in
from tests.support.cases import case
from tests.support.factories import a_clip, a_job, a_member, client_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:The default scheme will be changed"),
]
SETTINGS = "/team/settings/"
TEAMS = "admin:teams_team_changelist"


@pytest.fixture
def operator():
    return an_operator()


def fresh(member: Member) -> Member:
    return Member.objects.select_related("team", "user").get(pk=member.pk)


def verbs(team) -> list[str]:
    with within(team):
        return list(Event.objects.order_by("pk").values_list("verb", flat=True))


def test_everybody_reads_the_settings_and_owners_change_the_name(owner, viewer):
    page = client_of(viewer).get(SETTINGS)
    assertContains(page, "Roles and permissions")
    assertNotContains(page, 'name="name"')
    client = client_of(owner)
    assertContains(client.get(SETTINGS), 'name="name"')
    assertRedirects(client.post(SETTINGS, {"name": "Studio\n Ebb"}), SETTINGS)
    assertContains(client.get(SETTINGS), "Studio Ebb")
    with within(owner.team):
        event = Event.objects.get()
    assert (event.verb, event.facts) == (
        "renamed",
        {"name": "Studio Ebb", "was": "Studio Tidewater"},
    )
    assert (event.subject_id, event.actor) == (owner.team.public_id, owner.user)


def test_renaming_a_team_to_its_name_records_nothing(owner):
    rename(owner, owner.team.name)
    assert verbs(owner.team) == []


def test_an_empty_team_name_is_refused(owner):
    for name in ("", "   ", "x" * 101):
        with case(name):
            page = client_of(owner).post(SETTINGS, {"name": name})
            assertContains(page, "field__error", status_code=422)
            assertContains(page, "<h1>Studio Tidewater</h1>", status_code=422, html=True)


def test_people_and_settings_are_tabs(viewer):
    client = client_of(viewer)
    for page, other in (("/team/", SETTINGS), (SETTINGS, "/team/")):
        assertContains(client.get(page), f'href="{other}"')
        assertContains(
            client.get(page), 'class="tabs__item" href="' + page + '" aria-current="page"'
        )


def test_an_archived_team_says_so_on_every_page(owner, creator):
    answer = client_of(owner).post(reverse("teams:archive"))
    assertRedirects(answer, SETTINGS)
    client = client_of(creator)
    for page in ("/", "/gallery/", "/projects/", "/prompts/", "/team/", SETTINGS):
        shown = client.get(page)
        assertContains(shown, "This team is archived")
        assertNotContains(shown, 'class="button button--primary button--fold"')
    assert client.get("/jobs/new/").status_code == 403
    assertContains(client.post("/projects/new/", {"name": "x"}), "archived", status_code=403)


def test_only_an_owner_reopens_an_archived_team(owner, producer):
    archive(owner)
    assert client_of(producer).post(reverse("teams:reopen")).status_code == 403
    assertContains(client_of(owner).get(SETTINGS), reverse("teams:reopen"))
    assertRedirects(client_of(owner).post(reverse("teams:reopen")), SETTINGS)
    assert fresh(producer).may(Permission.CREATE)
    assert verbs(owner.team) == ["archived", "opened"]


def test_a_double_click_archives_once(owner):
    archive(owner)
    archive(fresh(owner))
    reopen(fresh(owner))
    reopen(fresh(owner))
    assert verbs(owner.team) == ["archived", "opened"]


def test_an_archived_team_keeps_its_name(owner):
    archive(owner)
    with pytest.raises(NotAllowed, match="archived"):
        rename(fresh(owner), "Another")
    assertNotContains(client_of(owner).get(SETTINGS), 'name="name"')


def test_archiving_says_how_many_jobs_are_unfinished(owner):
    for state in State:
        a_job(owner.team, state)
    assert unfinished_counts(owner.team) == (2, 4)
    assertContains(client_of(owner).get(SETTINGS), "4 running jobs will still finish")


def test_operators_suspend_a_team_with_a_reason_its_members_read(operator, owner):
    client, page = client_after_sign_in(operator), reverse(TEAMS)
    chosen = {"_selected_action": owner.team_id, "index": "0"}
    refused = client.post(page, chosen | {"action": "suspend", "reason": " "})
    assert "Enter a reason" in str(next(iter(get_messages(refused.wsgi_request))))
    assert client_of(owner).get("/").status_code == 200

    client.post(page, chosen | {"action": "suspend", "reason": "Unpaid <bills>"})
    closed = client_of(owner).get("/")
    assertContains(closed, "Unpaid &lt;bills&gt;", status_code=403)
    assertContains(closed, "Ask whoever runs this installation", status_code=403)

    client.post(page, chosen | {"action": "lift_suspension"})
    assert client_of(owner).get("/").status_code == 200
    assert verbs(owner.team) == ["suspended", "opened"]
    with within(owner.team):
        assert {event.actor for event in Event.objects.all()} == {operator}


def test_members_of_a_suspended_team_see_none_of_it(operator, owner, local_files):
    clip = a_clip(owner.team)
    suspend(operator, owner.team, "Because.")
    client = client_of(owner)
    video = reverse("clips:file", args=[clip.public_id, "video"])
    assert {client.get(page).status_code for page in ("/", "/gallery/tiles/", "/team/", video)} == {
        403
    }
    assert client.post("/projects/new/", {"name": "x"}).status_code == 403
    assert client.get("/activity/stream/").status_code == 401
    assert fresh(owner).permissions == frozenset()
    with pytest.raises(NotAllowed, match="suspended this team"):
        fresh(owner).require(Permission.CREATE)


def test_a_member_of_a_suspended_team_works_in_their_other_one(operator, owner, stranger):
    other = Member.objects.create(team=stranger.team, user=owner.user, role=Role.VIEWER)
    client = client_of(owner)
    client.post(reverse("teams:switch"), {"team": str(owner.team.public_id)})
    suspend(operator, owner.team, "Because.")
    assertContains(client.get("/"), str(other.team.public_id), status_code=403)
    client.post(reverse("teams:switch"), {"team": str(other.team.public_id)})
    assert client.get("/").wsgi_request.member == other


def test_without_a_choice_an_open_team_is_used(operator, owner, stranger):
    other = Member.objects.create(team=stranger.team, user=owner.user, role=Role.VIEWER)
    suspend(operator, owner.team, "Because.")
    assert client_of(owner).get("/").wsgi_request.member == other


def test_lifting_a_suspension_restores_the_status_before(operator, owner):
    archive(owner)
    suspend(operator, owner.team, "Because.")
    suspend(operator, owner.team, "Because of something else.")
    lift_suspension(operator, owner.team)
    assert Team.objects.get(pk=owner.team_id).status == TeamStatus.ARCHIVED
    lift_suspension(operator, owner.team)
    assert Team.objects.get(pk=owner.team_id).status == TeamStatus.ARCHIVED


def test_an_owner_cannot_lift_a_suspension(operator, owner):
    suspend(operator, owner.team, "Because.")
    for deed in (archive, reopen):
        with pytest.raises(DomainError):
            deed(fresh(owner))
    assert client_of(owner).post(reverse("teams:reopen")).status_code == 403


def test_only_operators_suspend_teams(owner):
    a_member(owner.team)
    answer = client_of(owner).post(
        reverse(TEAMS), {"action": "suspend", "_selected_action": owner.team_id}
    )
    assert answer.status_code == 302
    assert Team.objects.get(pk=owner.team_id).status == TeamStatus.ACTIVE
