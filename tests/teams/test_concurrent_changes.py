"""Several people at the same moment: a team always has an owner, an invitation its last guest."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from apps.core.errors import DomainError
from apps.teams.models import Member, Team
from apps.teams.roles import Role
from apps.teams.services import (
    InvitationClosed,
    InvitationRequest,
    create_another_team,
    invite,
    join,
    leave,
    remove,
    set_role,
    transfer_ownership,
)
from tests.support.factories import a_member, a_user, an_invitation

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="an in-memory database belongs to one thread"
    ),
]


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all of it at the same moment, each on its own connection; return the outcomes."""
    barrier = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return deed()
        except DomainError as fault:
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


@pytest.fixture
def two_owners(team):
    """Two owners, and a creator who could take their work on."""
    return a_member(team, Role.OWNER), a_member(team, Role.OWNER), a_member(team, Role.CREATOR)


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize(
    "deed",
    [
        pytest.param(
            lambda me, other, successor: set_role(me, other, Role.VIEWER), id="demoting-each-other"
        ),
        pytest.param(
            lambda me, other, successor: set_role(me, me, Role.VIEWER), id="both-coming-down"
        ),
        pytest.param(remove, id="removing-each-other"),
        pytest.param(lambda me, other, successor: leave(me, successor), id="both-leaving"),
        pytest.param(
            lambda me, other, successor: transfer_ownership(me, other),
            id="handing-over-to-each-other",
        ),
    ],
)
def test_of_two_owners_who_leave_at_once_one_stays(two_owners, deed, turn):
    one, two, successor = two_owners
    came = at_once(lambda: deed(one, two, successor), lambda: deed(two, one, successor))
    assert sum(isinstance(answer, DomainError) for answer in came) <= 1
    assert Member.objects.filter(team=one.team, role=Role.OWNER).count() == 1


@pytest.mark.parametrize("places", [1, 3])
def test_an_invitation_is_used_as_often_as_it_allows(team, places):
    invitation, guests = an_invitation(team, max_uses=places), [a_user() for _ in range(5)]
    came = at_once(*[lambda guest=guest: join(guest, invitation) for guest in guests])
    assert sum(isinstance(answer, InvitationClosed) for answer in came) == 5 - places
    assert team.members.count() == places


def test_a_double_click_on_joining_is_one_member_and_one_use(team):
    invitation, guest = an_invitation(team, max_uses=5), a_user()
    came = at_once(*[lambda: join(guest, invitation)] * 4)
    assert {one.pk for one in came} == {team.members.get().pk}
    assert invitation.uses_left == 4


def test_a_double_click_on_inviting_is_one_invitation(owner):
    idempotency_key = uuid4()
    came = at_once(
        *[lambda: invite(owner, InvitationRequest(Role.VIEWER), idempotency_key=idempotency_key)]
        * 3
    )
    assert len(set(came)) == 1
    assert owner.team.invitations.count() == 1


def test_a_double_click_on_creating_a_team_creates_one(settings):
    settings.SIGN_UP = "open"
    user, idempotency_key = a_user(), uuid4()
    at_once(*[lambda: create_another_team(user, "Twice?", idempotency_key=idempotency_key)] * 3)
    assert Team.objects.filter(name="Twice?").count() == 1


def test_a_member_removed_while_inviting_leaves_no_open_invitation(two_owners):
    owner, other, successor = two_owners
    at_once(
        lambda: invite(other, InvitationRequest(Role.OWNER), idempotency_key=uuid4()),
        lambda: remove(owner, other, successor),
    )
    assert not owner.team.invitations.still_open().exists()
