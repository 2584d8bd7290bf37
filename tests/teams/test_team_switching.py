from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.projects.models import Project
from apps.teams.models import Member, Team
from apps.teams.roles import Role
from apps.teams.scoping import everywhere, within
from tests.support.accounts import an_operator, client_after_sign_in
from tests.support.factories import a_project, a_team, client_of
from tests.support.people import FormReader

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def other(owner) -> Member:
    """Give the owner's place in a second team."""
    return Member.objects.create(
        team=a_team(name="Second Studio"), user=owner.user, role=Role.CREATOR
    )


@pytest.fixture
def client(owner, other) -> Client:
    return client_of(owner)


def go_over(client: Client, team: Team, **more):
    return client.post(reverse("teams:switch"), {"team": str(team.public_id)} | more)


def here(client: Client) -> str:
    return client.get(reverse("teams:profile")).wsgi_request.member.team.name


def fields_of(client: Client, page: str) -> dict[str, str]:
    """What a browser would send with the form of a page."""
    reader = FormReader(page)
    reader.feed(client.get(page).content.decode())
    return reader.fields


def test_a_person_in_several_teams_switches_and_back(client, owner, other):
    assert here(client) == owner.team.name
    assertRedirects(go_over(client, other.team), reverse("desk:home"))
    assert here(client) == other.team.name
    go_over(client, owner.team)
    assert here(client) == owner.team.name


def test_the_next_sign_in_opens_the_last_team(client, owner, other):
    go_over(client, other.team)
    assert here(client_of(owner)) == other.team.name


def test_two_browsers_of_one_person_work_in_two_teams(client, owner, other):
    beside = client_of(owner)
    go_over(beside, owner.team)
    go_over(client, other.team)
    assert here(beside) == owner.team.name


def test_another_persons_team_cannot_be_chosen(client, owner, stranger):
    for wanted in ("", "nonsense", "00000000-0000-0000-0000-000000000000", stranger.team.public_id):
        assert client.post(reverse("teams:switch"), {"team": wanted}).status_code == 404
    assert here(client) == owner.team.name


def test_the_menu_names_the_teams_of_those_who_have_several(client, other, viewer):
    page = client.get("/")
    assertContains(page, f'value="{other.team.public_id}"')
    assertContains(page, 'aria-current="true"')
    assertNotContains(client_of(viewer).get("/"), reverse("teams:switch"))


def test_a_form_names_the_team_of_its_page_without_scripts(client, owner):
    assert fields_of(client, reverse("projects:create"))["x-team"] == str(owner.team.public_id)


def test_a_form_of_a_stale_tab_changes_nothing(client, other):
    typed = fields_of(client, reverse("projects:create")) | {"name": "In which team?"}
    go_over(client, other.team)
    assertContains(client.post(reverse("projects:create"), typed), other.team.name, status_code=409)
    with everywhere():
        assert not Project.objects.filter(name="In which team?").exists()


def test_a_form_of_the_current_team_is_accepted(client, owner):
    typed = fields_of(client, reverse("projects:create")) | {"name": "Here"}
    assert client.post(reverse("projects:create"), typed).status_code == 302
    with within(owner.team):
        assert Project.objects.filter(name="Here").exists()


def test_an_htmx_form_of_a_stale_tab_gets_a_toast(client, owner, other):
    go_over(client, other.team)
    stale = HTMX | {"X-Team": str(owner.team.public_id)}
    answer = client.post(reverse("projects:create"), {"name": "x"}, headers=stale)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#toasts")


def test_a_stale_tab_can_still_switch_and_sign_out(client, owner, other):
    stale = {"x-team": str(owner.team.public_id)}
    go_over(client, other.team)
    assert go_over(client, owner.team, **stale).status_code == 302
    assert (
        client.post(reverse("account_logout"), {"x-team": str(other.team.public_id)}).status_code
        == 302
    )
    assert "_auth_user_id" not in client.session


def test_forms_outside_of_a_team_carry_djangos_token_alone(owner):
    assertNotContains(Client().get("/accounts/login/"), "x-team")
    operator = client_after_sign_in(an_operator())
    assertNotContains(operator.get(reverse("admin:teams_team_add")), "x-team")


def test_a_link_to_ones_other_team_asks_and_then_leads_there(client, other):
    project = a_project(other.team)
    way = other.team.link_to(project.get_absolute_url())
    page = client.get(way)
    assertContains(page, f"This belongs to {other.team.name}")
    reader = FormReader(reverse("teams:switch"))
    reader.feed(page.content.decode())
    answer = client.post(reverse("teams:switch"), reader.fields)
    assertRedirects(answer, project.get_absolute_url())
    assertRedirects(client.get(way), project.get_absolute_url())


def test_a_link_to_a_team_leads_strangers_by_the_sign_in(client, other, stranger):
    way = reverse("teams:go", args=[other.team.public_id]) + "?next=/projects/"
    assertRedirects(Client().get(way), f"{reverse('account_login')}?next={quote(way)}")
    assert client_of(stranger).get(way).status_code == 404


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "/%0d%0aSet-Cookie:x=y",
        "\t//evil.example",
        "evil",
        "desk:home",
        "http://testserver@evil.example/",
        "",
    ],
)
def test_a_link_to_a_team_redirects_to_no_other_site(client, other, elsewhere):
    for answer in (
        client.get(reverse("teams:go", args=[other.team.public_id]), {"next": elsewhere}),
        go_over(client, other.team, next=elsewhere),
        client.get(reverse("teams:go", args=[other.team.public_id]), {"next": elsewhere}),
    ):
        leads = answer.headers.get("Location", "/")
        assert leads.startswith("/")
        assert not leads.startswith(("//", "/\\"))
        assert "\n" not in leads


def test_operators_create_teams_and_work_in_them(client, owner):
    owner.user.is_staff = True
    owner.user.save()
    form = fields_of(client, reverse("teams:create")) | {"name": "Third\nStudio"}
    for _ in range(2):  # a doubled click
        assertRedirects(client.post(reverse("teams:create"), form), reverse("teams:people"))
    assert Team.objects.filter(name="Third Studio").count() == 1
    assert here(client) == "Third Studio"
    assert owner.user.memberships.get(team__name="Third Studio").role == Role.OWNER


def test_anybody_creates_teams_only_where_sign_up_is_open(client, settings, viewer):
    form = {"name": "Mine", "idempotency_key": "00000000-0000-0000-0000-000000000000"}
    for closed in ("invited", "closed"):
        settings.SIGN_UP = closed
        assertContains(client.post(reverse("teams:create"), form), "operators", status_code=403)
        assertNotContains(client.get("/"), reverse("teams:create"))
    settings.SIGN_UP = "open"
    assertContains(client.get("/"), reverse("teams:create"))
    assert client.post(reverse("teams:create"), form).status_code == 302
    assert client_of(viewer).post(reverse("teams:create"), form).status_code == 302
    assert Team.objects.filter(name="Mine").count() == 2


def test_sending_an_old_form_does_not_bring_back_a_team_one_has_left(settings, client, owner):
    settings.SIGN_UP = "open"
    form = {"name": "Mine", "idempotency_key": "00000000-0000-0000-0000-000000000000"}
    client.post(reverse("teams:create"), form)
    Member.objects.filter(team__name="Mine").delete()
    assert client.post(reverse("teams:create"), form).status_code == 422


def test_a_new_team_without_a_name_is_refused(settings, client):
    settings.SIGN_UP = "open"
    page = client.post(
        reverse("teams:create"),
        {"name": " ", "idempotency_key": "00000000-0000-0000-0000-000000000000"},
    )
    assertContains(page, "field__error", status_code=422)
