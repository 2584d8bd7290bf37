import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.activity.models import Event
from apps.core.errors import DomainError, NotAllowed
from apps.teams.models import Invitation
from apps.teams.roles import Role
from apps.teams.scoping import within
from apps.teams.services import (
    InvitationClosed,
    InvitationRequest,
    invite,
    join,
    remove,
    revoke,
    set_role,
)
from apps.teams.services.inviting import MAX_OPEN
from apps.teams.session_keys import INVITATION_KEY
from apps.teams.states import TeamStatus
from mjweb.logs import without_url_secrets
from tests.support.cases import case
from tests.support.factories import a_member, a_user, an_invitation, client_of

pytestmark = pytest.mark.django_db
INVITE, JOIN, PEOPLE = "/team/invitations/", "/team/join/", "/team/"


def form(**changes) -> dict[str, str]:
    return {
        "role": "viewer",
        "email": "",
        "max_uses": "1",
        "days": "7",
        "idempotency_key": str(uuid4()),
    } | changes


def invitation_request(role=Role.VIEWER, **more) -> InvitationRequest:
    return InvitationRequest(role, **more)


def link_on(page) -> str:
    """The path of the link that a page shows."""
    return re.search(r'value="http[^"]*(/team/join/[^"]+)"', page.content.decode())[1]


def events(team) -> list[str]:
    with within(team):
        return list(Event.objects.order_by("pk").values_list("verb", flat=True))


def open_link(link: str, user=None) -> Client:
    """A browser in which a link was opened."""
    client = client_of(user) if user else Client()
    assert client.get(link).status_code == 200
    return client


def test_an_invitation_is_created_opened_and_accepted(producer):
    link = link_on(client_of(producer).post(INVITE, form(role="creator")))
    guest = a_user()
    client = open_link(link, guest)
    assertContains(client.get(link), f"{producer.user} invites you to {producer.team}")
    assertContains(client.get(JOIN), "Creator")
    assertRedirects(client.post(JOIN), reverse("desk:home"))
    assert producer.team.members.get(user=guest).role == Role.CREATOR
    assert client.get("/").wsgi_request.member.team == producer.team
    assert INVITATION_KEY not in client.session
    assert events(producer.team) == ["invited", "joined"]


def test_the_secret_of_an_invitation_is_shown_once_and_not_stored(owner):
    client = client_of(owner)
    page = client.post(INVITE, form())
    assert "no-store" in page["Cache-Control"]
    token = link_on(page).split("/")[-2]
    assert len(token) >= 43
    assertNotContains(client.get(PEOPLE), token)
    row = Invitation.objects.values().get()
    assert token not in str(row)
    guest = open_link(f"/team/join/{token}/")
    assert token not in str(dict(guest.session))


def test_the_same_form_sent_twice_is_the_same_invitation_and_link(owner):
    client, doubled = client_of(owner), form()
    assert link_on(client.post(INVITE, doubled)) == link_on(client.post(INVITE, doubled))
    assert link_on(client.post(INVITE, doubled | {"role": "creator"})) != link_on(
        client.post(INVITE, form())
    )
    assert Invitation.objects.count() == 3
    assert events(owner.team) == ["invited"] * 3


def test_another_person_sending_the_same_form_gets_another_invitation(owner, producer):
    doubled = form()
    assert link_on(client_of(owner).post(INVITE, doubled)) != link_on(
        client_of(producer).post(INVITE, doubled)
    )


@pytest.mark.parametrize(
    ("role", "offered"),
    [(Role.OWNER, list(Role)), (Role.PRODUCER, [one for one in Role if one != Role.OWNER])],
)
def test_nobody_invites_to_a_role_above_their_own(team, role, offered):
    member = a_member(team, role)
    page = client_of(member).get(PEOPLE)
    assert [one for one in Role if f'<option value="{one}"' in page.content.decode()] == offered
    for one in set(Role) - set(offered):
        assert client_of(member).post(INVITE, form(role=one)).status_code == 422
        with pytest.raises(NotAllowed):
            invite(member, invitation_request(one), idempotency_key=uuid4())
    assert not Invitation.objects.exists()


WRONG_INVITATIONS = [
    ({"role": "emperor"}, "role"),
    ({"email": "nobody"}, "email"),
    ({"max_uses": "0"}, "max_uses"),
    ({"max_uses": "51"}, "max_uses"),
    ({"max_uses": "2", "email": "new@mjweb.example"}, "max_uses"),
    ({"days": "365"}, "days"),
    ({"idempotency_key": "x"}, "idempotency_key"),
]


def test_an_invalid_invitation_comes_back_with_what_was_typed(owner):
    for wrong, field in WRONG_INVITATIONS:
        with case((wrong, field)):
            page = client_of(owner).post(INVITE, form(email="new@mjweb.example") | wrong)
            assert page.status_code == 422
            assert page.context["form"].errors.keys() == {field}
            assertContains(page, wrong.get("email", "new@mjweb.example"), status_code=422)
            assert not Invitation.objects.exists()


def test_a_member_is_not_invited(owner, viewer):
    page = client_of(owner).post(INVITE, form(email=viewer.user.email.upper()))
    assertContains(page, "already in the team", status_code=422)


def test_open_invitations_are_listed_with_who_when_and_uses(owner, viewer):
    invitation = an_invitation(owner.team, created_by=owner.user, max_uses=3)
    join(a_user(), invitation)
    page = client_of(owner).get(PEOPLE)
    assertContains(page, f"by {owner.user}, 1 of 3 joined")
    assertNotContains(client_of(viewer).get(PEOPLE), "Pending invitations")


def test_closed_invitations_are_not_listed(owner):
    an_invitation(owner.team, expires_at=timezone.now())
    an_invitation(owner.team, revoked_at=timezone.now())
    join(a_user(), an_invitation(owner.team))
    assertNotContains(client_of(owner).get(PEOPLE), "Pending invitations")


def test_a_revoked_invitation_opens_nothing(owner, producer):
    invitation = an_invitation(owner.team, "a-token")
    client = open_link("/team/join/a-token/", a_user())
    answer = client_of(producer).post(reverse("teams:revoke", args=[invitation.public_id]))
    assertRedirects(answer, PEOPLE)
    assert client.post(JOIN).status_code == 410
    revoke(owner, invitation)
    assert events(owner.team) == ["revoked"]


def test_a_producer_does_not_revoke_invitations_above_their_role(owner, producer):
    invitation = an_invitation(owner.team, role=Role.OWNER)
    answer = client_of(producer).post(reverse("teams:revoke", args=[invitation.public_id]))
    assert answer.status_code == 403
    invitation.refresh_from_db()
    assert invitation.is_open


@pytest.mark.parametrize(
    "closed",
    [
        pytest.param({"expires_at": timezone.now() - timedelta(seconds=1)}, id="expired"),
        pytest.param({"revoked_at": timezone.now()}, id="revoked"),
    ],
)
def test_a_closed_invitation_says_so_and_names_no_team(team, owner, closed):
    an_invitation(team, "old-token", created_by=owner.user, **closed)
    for client in (Client(), client_of(a_user())):
        page = client.get("/team/join/old-token/")
        assertContains(page, "Ask for a new one", status_code=410)
        assert INVITATION_KEY not in client.session
        for secret in (team.name, owner.user.name, owner.user.email):
            assert secret not in page.content.decode()
        unknown = client.get("/team/join/nobody-was-given-this/")
        assert unknown.status_code == 410
        assert without_tokens(unknown) == without_tokens(page)


def without_tokens(page) -> str:
    return re.sub(r'(csrf\w*"(:| value=) ?")[^"]+', r"\1", page.content.decode())


@pytest.mark.parametrize("status", [TeamStatus.SUSPENDED, TeamStatus.ARCHIVED])
def test_nobody_joins_a_team_that_is_not_active(team, status):
    invitation = an_invitation(team, "a-token")
    guest = a_user()
    client = open_link("/team/join/a-token/", guest)
    team.status = status
    team.save()
    assert client.get("/team/join/a-token/").status_code == 410
    assert client.post(JOIN).status_code == 410
    with pytest.raises(InvitationClosed):
        join(guest, invitation)


def test_an_invitation_for_two_is_used_twice(team):
    an_invitation(team, "a-token", max_uses=2)
    clients = [open_link("/team/join/a-token/", a_user()) for _ in range(3)]
    assert [client.post(JOIN).status_code for client in clients] == [302, 302, 410]
    assert team.members.count() == 2
    assert Client().get("/team/join/a-token/").status_code == 410


def test_a_double_click_joins_once_and_uses_one(team):
    invitation, guest = an_invitation(team, "a-token", max_uses=2), a_user()
    client, beside = (
        open_link("/team/join/a-token/", guest),
        open_link("/team/join/a-token/", guest),
    )
    assert [client.post(JOIN).status_code, beside.post(JOIN).status_code] == [302, 302]
    assert team.members.filter(user=guest).count() == 1
    assert invitation.uses_left == 1
    assert events(team) == ["joined"]


@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER])
def test_an_invitation_does_not_change_a_members_role(team, role):
    member = a_member(team, role)
    invitation = an_invitation(team, "a-token", role=Role.CREATOR)
    client = open_link("/team/join/a-token/", member.user)
    assertContains(client.get("/team/join/a-token/"), "already in Studio Tidewater")
    client.post(JOIN)
    assert join(member.user, invitation).role == role
    assert invitation.uses_left == 1


def test_a_removed_member_cannot_join_by_the_same_link(team):
    invitation, guest = an_invitation(team, "a-token", max_uses=5), a_user()
    join(guest, invitation).delete()
    assert client_of(guest).get("/team/join/a-token/").status_code == 200
    with pytest.raises(InvitationClosed):
        join(guest, invitation)


def test_an_invitation_to_an_email_is_for_its_owner_only(team):
    invitation = an_invitation(team, "a-token", email="ann@mjweb.example")
    wrong, right = a_user(email="bob@mjweb.example"), a_user(email="ann@mjweb.example")
    client = open_link("/team/join/a-token/", wrong)
    assertNotContains(client.get(JOIN), "ann@mjweb.example")
    assert client.post(JOIN).status_code == 403
    assert invitation.uses_left == 1
    assert open_link("/team/join/a-token/", right).post(JOIN).status_code == 302


def test_a_stranger_signs_in_and_comes_back_to_the_invitation(team):
    an_invitation(team, "a-token")
    guest = a_user()
    client = open_link("/team/join/a-token/")
    assertContains(client.get(JOIN), f"{reverse('account_login')}?next={JOIN}")
    assertRedirects(client.post(JOIN), f"{reverse('account_login')}?next={JOIN}")
    assert not team.members.exists()
    given = {"login": guest.email, "password": "a good long password", "next": JOIN}
    assertRedirects(client.post(reverse("account_login"), given), JOIN)
    assertContains(client.get(JOIN), "Join Studio Tidewater")


def test_a_person_without_a_team_returns_to_their_invitation(team):
    an_invitation(team, "a-token")
    client = open_link("/team/join/a-token/", a_user())
    assertContains(client.get("/"), JOIN, status_code=403)


def test_without_a_mail_server_the_link_is_shown(owner, settings):
    settings.EMAIL_IS_CONNECTED = False
    page = client_of(owner).post(INVITE, form(email="new@mjweb.example"))
    assertContains(page, "Send this link to new@mjweb.example")
    assert mail.outbox == []


def test_with_a_mail_server_the_invitation_is_mailed(owner, settings):
    settings.EMAIL_IS_CONNECTED = True
    owner.team.name = "Studio\nBcc: all@mjweb.example & Co"
    owner.team.save()
    page = client_of(owner).post(INVITE, form(email="New@mjweb.example", role="reviewer"))
    (sent,) = mail.outbox
    assert sent.to == ["new@mjweb.example"]
    assert sent.subject == "Invitation to Studio Bcc: all@mjweb.example & Co"
    assert link_on(page) in sent.body
    assert "Reviewer" in sent.body
    client = open_link(link_on(page), a_user(email="new@mjweb.example"))
    assert client.post(JOIN).status_code == 302


def test_when_the_mail_server_fails_the_link_is_shown(owner, settings):
    settings.EMAIL_IS_CONNECTED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    page = client_of(owner).post(INVITE, form(email="new@mjweb.example"))
    assertContains(page, "refused the email")
    assert link_on(page)


def test_a_member_who_may_no_longer_invite_leaves_no_open_invitation(owner, producer):
    kept = invite(owner, invitation_request(), idempotency_key=uuid4())[0]
    theirs = invite(producer, invitation_request(), idempotency_key=uuid4())[0]
    set_role(owner, producer, Role.CREATOR)
    assert set(Invitation.objects.still_open()) == {kept}
    theirs.refresh_from_db()
    assert theirs.revoked_at


def test_an_invitation_is_checked_against_the_current_role(owner, producer):
    set_role(owner, producer, Role.CREATOR)
    with pytest.raises(NotAllowed):
        invite(producer, invitation_request(), idempotency_key=uuid4())
    remove(owner, producer, owner)
    with pytest.raises(DomainError):
        invite(producer, invitation_request(), idempotency_key=uuid4())
    assert not Invitation.objects.exists()


def test_a_lower_role_keeps_the_invitations_it_could_create(owner, team):
    second = a_member(team, Role.OWNER)
    beyond = invite(second, invitation_request(Role.OWNER), idempotency_key=uuid4())[0]
    within_reach = invite(second, invitation_request(Role.CREATOR), idempotency_key=uuid4())[0]
    set_role(owner, second, Role.PRODUCER)
    assert set(Invitation.objects.still_open()) == {within_reach}
    assert not Invitation.objects.get(pk=beyond.pk).is_open


def test_a_team_has_a_maximum_of_open_invitations(owner):
    for _ in range(MAX_OPEN):
        an_invitation(owner.team)
    with pytest.raises(DomainError, match="Revoke"):
        invite(owner, invitation_request(), idempotency_key=uuid4())
    assertContains(client_of(owner).post(INVITE, form()), "Revoke", status_code=422)


@pytest.mark.parametrize(
    "knock",
    [
        lambda client: client.get("/team/join/guessed/"),
        lambda client: client.post(INVITE, {"role": "nonsense"}),
    ],
    ids=["guessing", "inviting"],
)
def test_invitations_are_rate_limited(owner, settings, knock):
    settings.ACCOUNT_RATE_LIMITS = {"invitation": "2/m/ip", "invite": "2/m/user"}
    client = client_of(owner)
    assert 429 not in {knock(client).status_code, knock(client).status_code}
    assertContains(knock(client), "Too many attempts", status_code=429)


def test_the_secret_of_an_invitation_is_in_no_log():
    from_logs = without_url_secrets(None, "info", {"request": "GET /team/join/a-secret/"})
    assert "a-secret" not in from_logs["request"]
    assert from_logs["request"].startswith("GET /team/join/")


def test_another_teams_invitation_is_404(owner, stranger):
    theirs = an_invitation(stranger.team)
    assert (
        client_of(owner).post(reverse("teams:revoke", args=[theirs.public_id])).status_code == 404
    )
    theirs.refresh_from_db()
    assert theirs.is_open
