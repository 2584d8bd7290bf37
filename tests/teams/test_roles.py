import pytest

from apps.core.errors import NotAllowed
from apps.teams.models import Member, User
from apps.teams.roles import DENIED, PERMISSION_NAMES, PERMISSIONS, Permission, Role
from apps.teams.services import add_member, create_team
from apps.teams.states import TeamStatus
from tests.support.cases import case
from tests.support.factories import a_member, a_user

pytestmark = pytest.mark.django_db
C, D, T, P = Permission.CREATE, Permission.DECIDE, Permission.DISCARD, Permission.PLAN
S, N, A = Permission.SPEND, Permission.INVITE, Permission.AUTOMATE


TABLE = [
    (Role.OWNER, set(Permission)),
    (Role.PRODUCER, {C, D, T, P, S, N, A}),
    (Role.CREATOR, {C, T, P, A}),
    (Role.REVIEWER, {D}),
    (Role.VIEWER, set()),
]


def test_each_role_has_the_permissions_of_the_table(team):
    for role, permissions in TABLE:
        with case((role, permissions)):
            member = a_member(team, role)
            assert {
                permission for permission in Permission if member.may(permission)
            } == permissions
            assert {Permission(name) for name, may in member.can.items() if may} == permissions


def test_every_role_has_its_row_and_every_refusal_its_sentence():
    assert set(PERMISSIONS) == set(Role)
    assert set(DENIED) == set(Permission) == set(PERMISSION_NAMES)


def test_an_archived_team_allows_only_money_log_and_settings(team):
    owner, creator = a_member(team, Role.OWNER), a_member(team, Role.CREATOR)
    team.status = TeamStatus.ARCHIVED
    team.save()
    assert owner.permissions == {Permission.SPEND, Permission.AUDIT, Permission.GOVERN}
    assert creator.permissions == set()
    with pytest.raises(NotAllowed, match="archived"):
        creator.require(Permission.CREATE)


def test_the_refusal_says_whom_to_ask(viewer):
    with pytest.raises(NotAllowed, match="Ask an owner"):
        viewer.require(Permission.CREATE)


def test_the_creator_of_a_team_owns_it():
    member = create_team("New", a_user())
    assert (member.role, member.team.name) == (Role.OWNER, "New")


def test_adding_a_member_again_keeps_their_role(viewer):
    assert add_member(viewer.team, viewer.user, Role.OWNER).role == Role.VIEWER
    assert Member.objects.filter(user=viewer.user).count() == 1


INITIALS = [
    ("Olivia Ortega", "o@x.example", "OO"),
    ("Ana Maria de la Cruz", "a@x.example", "AC"),
    ("Cher", "c@x.example", "C"),
    ("", "ravi.rao@x.example", "RR"),
]


def test_an_avatar_has_one_or_two_letters():
    for name, email, initials in INITIALS:
        with case((name, email, initials)):
            assert User(name=name, email=email).initials == initials
