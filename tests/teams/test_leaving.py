"""Roles changed, people let go and leaving, work handed over."""

from itertools import product

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.activity.models import Event
from apps.budgets.models import LedgerEntry
from apps.clips.states import Verdict
from apps.core.errors import DomainError, NotAllowed
from apps.jobs.models import Chain, Job
from apps.jobs.states import FINAL, State
from apps.prompts.models import Version
from apps.prompts.services import create_prompt
from apps.reviews.models import Decision
from apps.reviews.services import decide
from apps.teams.models import Member, User
from apps.teams.roles import Role
from apps.teams.scoping import within
from apps.teams.services import (
    leave,
    reassignable_counts,
    remove,
    set_role,
    successors_of,
    transfer_ownership,
)
from apps.teams.slots import OPEN_WORK
from tests.support.cases import case
from tests.support.factories import a_clip, a_job, a_member, a_project, a_user, client_of

pytestmark = pytest.mark.django_db


def role_of(member: Member) -> str:
    return Member.objects.get(pk=member.pk).role


def is_in(member: Member) -> bool:
    return Member.objects.filter(pk=member.pk).exists()


def events(team) -> list[tuple[str, dict]]:
    with within(team):
        return list(
            Event.objects.exclude(subject_kind="job").order_by("pk").values_list("verb", "facts")
        )


def test_nobody_changes_a_member_above_them_or_gives_a_role_above_their_own(team, owner):
    for mine, theirs in product(Role, Role):
        with case((mine, theirs)):
            actor, member = a_member(team, mine), a_member(team, theirs)
            may_change = mine in {Role.OWNER, Role.PRODUCER} and not theirs.is_above(mine)
            for wanted in Role:
                was = role_of(member)
                if may_change and not wanted.is_above(mine) and not Role(was).is_above(mine):
                    set_role(actor, member, wanted)
                    assert role_of(member) == wanted
                else:
                    with pytest.raises(NotAllowed):
                        set_role(actor, member, wanted)
                    assert role_of(member) == was
            Member.objects.filter(pk=member.pk).update(role=theirs)
            if may_change:
                remove(actor, member, actor)
            else:
                with pytest.raises(NotAllowed):
                    remove(actor, member, owner)
            assert is_in(member) != may_change


def test_a_role_is_changed_on_its_page(producer, viewer):
    client, page = client_of(producer), reverse("teams:member", args=[viewer.public_id])
    assertContains(client.get("/team/"), page)
    assertNotContains(client.get(page), "Owner</option>")
    assertRedirects(client.post(page, {"role": "reviewer"}), "/team/")
    assert role_of(viewer) == Role.REVIEWER
    assert client.post(page, {"role": "owner"}).status_code == 422
    assert role_of(viewer) == Role.REVIEWER
    ((verb, facts),) = events(producer.team)
    assert (verb, facts) == (
        "role_changed",
        {
            "person": str(viewer.user),
            "user": viewer.user_id,
            "role": "reviewer",
            "from": "viewer",
            "to": "reviewer",
        },
    )


def test_setting_the_same_role_records_nothing(owner, viewer):
    set_role(owner, viewer, Role.VIEWER)
    assert events(owner.team) == []


def test_a_producer_cannot_use_the_page_of_an_owner(producer, owner):
    client = client_of(producer)
    for name in ("member", "remove"):
        page = reverse(f"teams:{name}", args=[owner.public_id])
        assert client.get(page).status_code == 403
        assert (
            client.post(page, {"role": "viewer", "who": str(producer.public_id)}).status_code == 403
        )
    assertNotContains(client.get("/team/"), reverse("teams:member", args=[owner.public_id]))
    assert role_of(owner) == Role.OWNER


def test_an_owner_changes_role_only_if_another_owner_stays(team, owner):
    with pytest.raises(DomainError, match="only owner"):
        set_role(owner, owner, Role.CREATOR)
    second = a_member(team, Role.OWNER)
    set_role(owner, owner, Role.CREATOR)
    with pytest.raises(DomainError, match="only owner"):
        set_role(second, second, Role.VIEWER)


def test_an_inactive_owner_does_not_count(team, owner):
    a_member(team, Role.OWNER, is_active=False)
    with pytest.raises(DomainError, match="only owner"):
        set_role(owner, owner, Role.VIEWER)


def test_permissions_are_checked_against_the_current_role(team, owner):
    second = a_member(team, Role.OWNER)
    stale = Member.objects.select_related("team", "user").get(pk=second.pk)
    set_role(owner, second, Role.VIEWER)
    with pytest.raises(NotAllowed):
        set_role(stale, owner, Role.VIEWER)
    remove(owner, second, owner)
    with pytest.raises(DomainError, match="no longer in the team"):
        set_role(stale, owner, Role.VIEWER)
    assert role_of(owner) == Role.OWNER


def test_the_last_owner_cannot_leave_and_is_told_what_to_do(owner, creator):
    client = client_of(owner)
    assertContains(client.get("/team/leave/"), "only owner")
    answer = client.post("/team/leave/", {"who": str(creator.public_id)})
    assert answer.status_code == 422
    assert is_in(owner)


def test_ownership_is_transferred(owner, creator):
    client = client_of(owner)
    answer = client.post(reverse("teams:transfer"), {"who": str(creator.public_id)})
    assertRedirects(answer, reverse("teams:settings"))
    assert (role_of(owner), role_of(creator)) == (Role.PRODUCER, Role.OWNER)
    assert [verb for verb, _ in events(owner.team)] == [
        "role_changed",
        "role_changed",
        "handed_over",
    ]
    assert client.post(reverse("teams:transfer"), {"who": str(owner.public_id)}).status_code == 403


def test_ownership_goes_only_to_a_member(owner, stranger):
    gone = a_member(owner.team)
    gone.delete()
    for to in ("", "nonsense", "myself", "somebody-elses", "gone"):
        with case(to):
            who = {"myself": owner, "somebody-elses": stranger, "gone": gone}.get(to)
            given = {"who": str(who.public_id) if who else to}
            assert client_of(owner).post(reverse("teams:transfer"), given).status_code == 422
            assert role_of(owner) == Role.OWNER


def test_ownership_is_not_transferred_to_oneself_or_outside_the_team(owner, stranger):
    for nobody in (owner, stranger, a_member(owner.team, is_active=False)):
        with pytest.raises(DomainError):
            transfer_ownership(owner, nobody)
    assert role_of(owner) == Role.OWNER


def test_a_removed_member_loses_access_at_once_in_every_browser(owner, creator):
    browsers = [client_of(creator), client_of(creator)]
    assert {browser.get("/projects/").status_code for browser in browsers} == {200}
    page = reverse("teams:remove", args=[creator.public_id])
    assertContains(client_of(owner).get(page), "Running jobs continue")
    assertRedirects(client_of(owner).post(page, {"who": str(owner.public_id)}), "/team/")
    assert {browser.get("/projects/").status_code for browser in browsers} == {403}
    assert browsers[0].get("/activity/stream/").status_code == 401
    assert client_of(owner).post(page, {"who": str(owner.public_id)}).status_code == 404


def test_open_work_goes_to_the_successor_and_history_keeps_its_names(owner, creator, stranger):
    team, user = owner.team, creator.user
    project = a_project(team, created_by=user)
    with within(team):
        prompt = create_prompt(creator, title="Theirs", text="Slow pan")
        clip = a_clip(team)
        Chain.objects.create(team=team, project=project, created_by=user)
        jobs = {state: a_job(team, state, project=project, created_by=user) for state in State}
    reviewer = a_member(team, Role.PRODUCER)
    Member.objects.filter(pk=creator.pk).update(role=Role.PRODUCER)
    with within(team):
        decide(Member.objects.get(pk=creator.pk), clip, verdict=Verdict.APPROVED, note="")
        budget_lines = list(user_lines(team, user))
    elsewhere = a_project(stranger.team, created_by=user)
    Member.objects.create(team=stranger.team, user=user, role=Role.CREATOR)

    assert reassignable_counts(team, user) == {
        "projects": 1,
        "prompts": 1,
        "longer clips": 1,
        "jobs not yet finished": len(State) - len(FINAL),
    }
    remove(owner, creator, reviewer)

    project.refresh_from_db()
    prompt.refresh_from_db()
    elsewhere.refresh_from_db()
    assert project.created_by == prompt.created_by == reviewer.user
    assert elsewhere.created_by == user
    with within(team):
        for state, job in jobs.items():
            after = Job.objects.get(pk=job.pk)
            assert after.state == state
            assert after.created_by == (user if state in FINAL else reviewer.user), state
        assert Version.objects.get(prompt=prompt).created_by == user
        assert Decision.objects.get().created_by == user
        assert list(user_lines(team, user)) == budget_lines != []
    work = {"projects": 1, "prompts": 1, "longer clips": 1, "jobs not yet finished": 6}
    whose = {"from": user.pk, "to": reviewer.user_id}
    assert events(team)[-2:] == [
        ("passed_on", {"work": work, "person": str(reviewer.user)} | whose),
        ("removed", {"person": str(user), "user": user.pk, "role": "producer"}),
    ]


def user_lines(team, user):
    """What the ledger says this person has bought."""
    return LedgerEntry.objects.filter(person=user).order_by("pk").values_list("order", "kind")


def test_open_work_in_hidden_projects_is_reassigned_too(owner, creator):
    project = a_project(owner.team, created_by=creator.user)
    with within(owner.team, hidden={project.pk}):
        remove(owner, creator, owner)
    project.refresh_from_db()
    assert project.created_by == owner.user


def test_reassignable_columns_refer_to_people():
    for work in OPEN_WORK:
        assert work.model._meta.get_field(work.column).related_model is User, work.label


def test_a_leaver_chooses_a_successor_and_lands_in_their_other_team(creator, producer, stranger):
    other = Member.objects.create(team=stranger.team, user=creator.user, role=Role.VIEWER)
    project = a_project(creator.team, created_by=creator.user)
    client = client_of(creator)
    assertContains(client.get("/team/leave/"), "To reassign: projects (1)")
    answer = client.post("/team/leave/", {"who": str(producer.public_id)})
    assertRedirects(answer, "/")
    assert not is_in(creator)
    assert client.get("/").wsgi_request.member == other
    project.refresh_from_db()
    assert project.created_by == producer.user
    assert [verb for verb, _ in events(producer.team)] == ["passed_on", "left"]


def test_successors_are_remaining_members_who_may_add_work(owner, producer, creator, reviewer):
    asleep = a_member(owner.team, Role.PRODUCER, is_active=False)
    assert successors_of(creator) == [owner, producer]
    for nobody in (reviewer, creator, asleep):
        with pytest.raises(DomainError, match="Choose someone who stays"):
            leave(creator, nobody)
    assert is_in(creator)


def test_a_successor_of_another_team_is_refused(owner, creator, stranger):
    with pytest.raises(DomainError):
        remove(owner, creator, stranger)
    page = reverse("teams:remove", args=[creator.public_id])
    assert client_of(owner).post(page, {"who": str(stranger.public_id)}).status_code == 422
    assert is_in(creator)


def test_removing_oneself_leads_to_the_page_of_leaving(owner):
    page = reverse("teams:remove", args=[owner.public_id])
    assertRedirects(client_of(owner).get(page), "/team/leave/")


def test_a_viewer_leaves_without_work_to_reassign(viewer, owner):
    client = client_of(viewer)
    assertContains(client.get("/team/"), "/team/leave/")
    assertContains(client.get("/team/leave/"), "There is no work to reassign")
    client.post("/team/leave/", {"who": str(owner.public_id)})
    assert not is_in(viewer)
    assert client.get("/").status_code == 403


def test_another_teams_member_cannot_be_changed(stranger, creator):
    client = client_of(stranger)
    for name in ("member", "remove"):
        assert client.post(reverse(f"teams:{name}", args=[creator.public_id])).status_code == 404
    with pytest.raises(DomainError):
        set_role(stranger, creator, Role.VIEWER)
    assert role_of(creator) == Role.CREATOR


def test_a_name_is_shown_as_it_is_written(owner):
    a_member(owner.team, Role.VIEWER, name="<b>Vic</b>")
    assertContains(client_of(owner).get("/team/"), "&lt;b&gt;Vic&lt;/b&gt;")


def test_operators_who_are_no_members_change_nobody_here(viewer):
    client = client_of(a_user(is_staff=True, is_superuser=True))
    assert (
        client.post(reverse("teams:member", args=[viewer.public_id]), {"role": "owner"}).status_code
        == 403
    )
