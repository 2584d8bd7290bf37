"""Private projects: who is on the list, how one gets there, and what is never lost."""

import re

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.activity.models import Event
from apps.core.errors import DomainError
from apps.projects import services
from apps.projects.models import Project, ProjectMember
from apps.projects.queries import ProjectDirectory, as_seen_by, hidden_project_ids, members_who_see
from apps.teams.models import Member
from apps.teams.roles import Role
from apps.teams.scoping import everywhere, within
from apps.teams.states import TeamStatus
from tests.support.cases import case
from tests.support.factories import a_member, a_private_project, a_project, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def insider(team):
    return a_member(team, Role.CREATOR, name="Ina Inside")


@pytest.fixture
def secret(team, insider):
    return a_private_project(team, insider, name="Secret Launch")


def sees(member: Member, project: Project) -> bool:
    with as_seen_by(member):
        return Project.objects.filter(pk=project.pk).exists()


def members_on_list(project: Project) -> set[Member]:
    with within(project.team):
        return {
            place.member
            for place in ProjectMember.objects.filter(project=project).select_related("member")
        }


def press(who, deed, project, /, **given):
    return client_of(who).post(reverse(f"projects:{deed}", args=[project.public_id]), given)


def settings_of(member, project, **query):
    return client_of(member).get(reverse("projects:change", args=[project.public_id]), query)


# --- Who sees it ---


def test_no_role_sees_a_private_project_without_being_on_its_list(team, secret):
    for role in Role:
        with case(role):
            assert not sees(a_member(team, role), secret)


def test_project_members_see_a_private_project_in_any_role(team):
    for role in Role:
        with case(role):
            member = a_member(team, role)
            assert sees(member, a_private_project(team, member))


def test_everybody_sees_an_open_project(team, viewer):
    assert sees(viewer, a_project(team))


def test_a_project_membership_covers_one_project(team, insider, secret):
    assert not sees(insider, a_private_project(team, a_member(team)))


def test_a_scope_within_a_scope_shows_nothing_more(owner, secret):
    with as_seen_by(owner), within(owner.team):
        assert not Project.objects.filter(pk=secret.pk).exists()


def test_hidden_projects_of_one_team_hide_nothing_in_another(owner, secret, stranger):
    with as_seen_by(owner), within(stranger.team):
        assert Project.objects.exists()


def test_those_who_see_a_project_are_its_team_or_its_list(team, owner, insider, secret):
    with within(team):
        assert set(members_who_see(secret)) == {insider}
        assert set(members_who_see(a_project(team))) == {owner, insider}


# --- The list is never empty for long ---


def test_making_a_project_private_adds_oneself_to_its_list(team, creator, owner):
    project = a_project(team)
    assertRedirects(
        press(creator, "set_private", project, is_private="yes"),
        reverse("projects:change", args=[project.public_id]),
    )
    assert members_on_list(project) == {creator}
    assert sees(creator, project)
    assert not sees(owner, project)


def test_making_a_project_private_twice_changes_nothing_more(team, creator):
    project = a_project(team)
    for _ in range(2):
        press(creator, "set_private", project, is_private="yes")
    assert members_on_list(project) == {creator}
    with within(team):
        assert Event.objects.filter(verb="made_private").count() == 1


def test_a_project_can_be_private_from_its_beginning(creator, owner):
    client_of(creator).post(reverse("projects:create"), {"name": "Hush", "is_private": "on"})
    with within(creator.team):
        project = Project.objects.get()
    assert (project.is_private, members_on_list(project)) == (True, {creator})
    assert not sees(owner, project)


def test_the_last_project_member_cannot_be_removed(insider, secret):
    answer = press(insider, "remove_member", secret, member=insider.public_id)
    assertContains(answer, "No one could see this project any more", status_code=422)
    assert members_on_list(secret) == {insider}


def test_a_project_member_may_leave_once_another_is_added(team, insider, secret, viewer):
    press(insider, "add_member", secret, member=viewer.public_id)
    answer = press(insider, "remove_member", secret, member=insider.public_id)
    assertRedirects(answer, reverse("projects:list"))
    assert members_on_list(secret) == {viewer}


def test_owners_see_a_private_project_whose_list_became_empty(team, owner, insider, secret):
    producer = a_member(team, Role.PRODUCER)
    insider.delete()
    assert sees(owner, secret)
    assert not sees(producer, secret)
    with within(team):
        assert set(members_who_see(secret)) == {owner}
    assertContains(settings_of(owner, secret), "Owners can see the project until someone is added")


def test_owners_see_an_abandoned_project_until_a_member_is_added(
    team, owner, insider, secret, viewer
):
    insider.delete()
    press(owner, "add_member", secret, member=viewer.public_id)
    assert (sees(viewer, secret), sees(owner, secret)) == (True, False)


def test_a_project_membership_goes_to_the_successor_of_a_leaver(team, insider, secret, viewer):
    other = a_private_project(team, insider, viewer)
    with within(team, hidden={secret.pk, other.pk}):  # whoever removes people sees neither
        services.reassign_project_memberships(insider, viewer, insider.user)
    insider.delete()
    assert members_on_list(secret) == members_on_list(other) == {viewer}


def test_without_a_successor_memberships_end_with_their_member(team, insider, secret, viewer):
    other = a_private_project(team, insider, viewer)
    insider.delete()
    assert (members_on_list(secret), members_on_list(other)) == (set(), {viewer})


# --- Opening it again ---


def test_opening_a_project_deletes_its_list(team, insider, secret, owner, viewer):
    press(insider, "add_member", secret, member=viewer.public_id)
    press(insider, "set_private", secret, is_private="no")
    assert sees(owner, secret)
    press(insider, "set_private", secret, is_private="yes")
    assert members_on_list(secret) == {insider}
    assert not sees(viewer, secret)


def test_an_open_project_has_no_list(team, creator, viewer):
    answer = press(creator, "add_member", a_project(team), member=viewer.public_id)
    assertContains(answer, "Make it private first", status_code=422)
    with within(team):
        assert not ProjectMember.objects.exists()


# --- Names ---


def test_a_taken_name_never_reveals_a_hidden_project(creator, secret):
    assert (
        client_of(creator).post(reverse("projects:create"), {"name": "Secret Launch"}).status_code
        == 302
    )


def test_the_name_of_a_visible_project_is_taken(insider, secret):
    answer = client_of(insider).post(reverse("projects:create"), {"name": "Secret Launch"})
    assertContains(answer, "A project with this name already exists.", status_code=422)


def test_two_open_projects_never_share_a_name(team, insider, secret):
    a_project(team, name="Secret Launch")
    answer = press(insider, "set_private", secret, is_private="no")
    assertContains(answer, "Rename this one first", status_code=422)
    assert not sees(a_member(team), secret)


def test_a_project_is_renamed(team, creator):
    project = a_project(team, name="Coast")
    assert press(creator, "change", project, name="Harbour", brief="Calm.").status_code == 302
    project.refresh_from_db()
    assert (project.name, project.brief) == ("Harbour", "Calm.")


def test_a_taken_name_comes_back_beside_its_field_with_what_was_typed(team, creator):
    a_project(team, name="Harbour")
    project = a_project(team, name="Coast")
    answer = press(creator, "change", project, name="Harbour", brief="Half a page.")
    assertContains(answer, "A project with this name already exists.", status_code=422)
    assertContains(answer, "Half a page.", status_code=422)
    assertContains(answer, "<title>Settings · Coast", status_code=422)


def test_saving_an_outdated_settings_page_opens_no_private_project(team, creator):
    project = a_project(team)
    with within(team):
        old = Project.objects.get(pk=project.pk)
        services.make_private(creator, project)
        services.change_project(creator, old, name="New", brief="")
    project.refresh_from_db()
    assert project.is_private


# --- The page ---


def test_the_settings_show_members_and_who_could_be_added(insider, secret, viewer, owner):
    page = settings_of(insider, secret)
    assertContains(page, "Ina Inside")
    assertContains(page, viewer.user.name)
    assertContains(page, "You can't remove the last person")


def test_people_are_found_by_name_within_the_team(insider, secret, stranger):
    a_member(insider.team, name="Wanda Wanted")
    a_member(insider.team, name="Otto Other")
    page = settings_of(insider, secret, q="wand")
    assertContains(page, "Wanda Wanted")
    assertNotContains(page, "Otto Other")
    assertContains(
        settings_of(insider, secret, q="nobody at all"), "No one else in the team matches"
    )
    assertNotContains(
        settings_of(insider, secret, q=stranger.user.email), f"Add</span> {stranger.user}"
    )


def test_searching_people_sends_only_their_list(insider, secret):
    address = reverse("projects:change", args=[secret.public_id])
    part = client_of(insider).get(address, headers={"HX-Request": "true", "HX-Target": "others"})
    assert part.content.decode().strip().startswith("<div")
    assertContains(part, 'id="others"')
    assertNotContains(part, "<html")


def test_people_beyond_the_shown_ones_are_found_by_name(insider, secret):
    for _ in range(11):
        a_member(insider.team)
    assertContains(settings_of(insider, secret), "There are more. Search by name.")


def test_the_settings_say_when_everybody_is_a_project_member(insider, secret):
    assertContains(settings_of(insider, secret), "Everyone in the team has been added.")


UNKNOWN_MEMBERS = ["", "nonsense", "3f0e5a52-6d5c-4c0e-8f0e-9a6f6f0f0f0f"]


def test_an_unknown_member_cannot_be_added(insider, secret):
    for member in UNKNOWN_MEMBERS:
        with case(member):
            assertContains(
                press(insider, "add_member", secret, member=member),
                "Choose someone in this team.",
                status_code=422,
            )


def test_nobody_of_another_team_can_be_added(insider, secret, stranger):
    answer = press(insider, "add_member", secret, member=stranger.public_id)
    assertContains(answer, "Choose someone in this team.", status_code=422)
    assert members_on_list(secret) == {insider}


def test_a_viewer_on_the_list_cannot_change_the_project(team, secret, viewer):
    with within(team):
        secret.project_members.create(team=team, member=viewer)
    page = client_of(viewer).get(secret.get_absolute_url())
    assertContains(page, "Secret Launch")
    assertNotContains(page, reverse("projects:change", args=[secret.public_id]))
    assert settings_of(viewer, secret).status_code == 403
    assert press(viewer, "remove_member", secret, member=viewer.public_id).status_code == 403


def test_a_private_project_has_a_lock_wherever_it_is_shown(insider, secret):
    client = client_of(insider)
    for address in (reverse("projects:list"), secret.get_absolute_url(), reverse("desk:home")):
        assert re.search(
            r'aria-label="Private">.{0,80}?</svg>\s*Secret Launch',
            client.get(address).content.decode(),
        )
    assertContains(client.get(reverse("gallery:grid")), "Secret Launch (private)")


def test_only_owners_see_how_many_projects_are_hidden(owner, producer, secret):
    assertContains(
        client_of(owner).get(reverse("teams:settings")), "1 private project is hidden from you"
    )
    assertNotContains(client_of(producer).get(reverse("teams:settings")), "hidden from you")


def test_changes_of_the_list_are_recorded_for_project_members_only(
    team, owner, insider, secret, viewer
):
    press(insider, "add_member", secret, member=viewer.public_id)
    press(insider, "remove_member", secret, member=viewer.public_id)
    with as_seen_by(insider):
        told = Event.objects.filter(subject_id=secret.public_id).order_by("pk")
        assert [one.verb for one in told] == ["let_in", "let_go"]
    with as_seen_by(owner):
        assert not Event.objects.exists()


# --- Queries ---


def test_hidden_projects_cost_one_query_however_many(team, owner, django_assert_num_queries):
    for _ in range(5):
        a_private_project(team, a_member(team))
    with django_assert_num_queries(1):
        assert len(hidden_project_ids(owner)) == 5


def test_the_settings_cost_the_same_however_many_members(
    insider, secret, django_assert_max_num_queries
):
    client, address = client_of(insider), reverse("projects:change", args=[secret.public_id])
    client.get(address)
    with django_assert_max_num_queries(14) as few:
        client.get(address)
    for number in range(6):
        member = a_member(insider.team)
        if number % 2:
            with within(insider.team):
                secret.project_members.create(team=insider.team, member=member)
    with django_assert_max_num_queries(len(few)):
        client.get(address)


def test_who_may_hear_covers_several_teams(team, owner, insider, secret, stranger):
    gone = a_member(team, Role.VIEWER)
    gone.user.is_active = False
    gone.user.save()
    left = a_private_project(team)
    with everywhere():
        members, lists = ProjectDirectory().who_may_hear(
            {team.pk}, {secret.pk, left.pk, a_project(team).pk}
        )
    assert members == {owner.pk, insider.pk}
    assert lists == {secret.pk: {insider.pk}, left.pk: {owner.pk}}


def test_nobody_may_hear_of_a_suspended_team(team, insider, secret):
    team.status = TeamStatus.SUSPENDED
    team.save()
    with everywhere():
        assert ProjectDirectory().who_may_hear({team.pk}, {secret.pk}) == (
            set(),
            {secret.pk: {insider.pk}},
        )


def test_of_two_who_leave_at_once_one_stays_on_the_list(team, insider, secret, viewer):
    creator = a_member(team, Role.CREATOR)
    with within(team):
        services.add_project_member(insider, secret, creator)
        services.remove_project_member(insider, secret, insider)
        with pytest.raises(DomainError):
            services.remove_project_member(creator, secret, creator)
