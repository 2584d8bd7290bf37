import pytest
from django.contrib import admin
from django.urls import reverse
from pytest_django.asserts import assertRedirects

from apps.teams.models import User
from tests.factories.house import PASSWORD, a_member, a_user, belongings_of, client_of

pytestmark = [
    pytest.mark.django_db,
    # Django 5.2 asks whether an address without a scheme is https; ours are typed in by operators alone.
    pytest.mark.filterwarnings("ignore:The default scheme will be changed"),
]
OURS = [model for model in admin.site._registry if model.__module__.startswith("apps.")]


@pytest.fixture
def operator():
    return client_of(a_user(is_staff=True, is_superuser=True))


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("page", ["changelist", "add"])
def test_an_operator_without_a_team_serves_every_team(operator, team, model, page):
    belongings_of(team)
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
    assert operator.get(address).status_code == 200


def test_an_operator_sees_the_jobs_of_every_team(operator, team, stranger):
    ours = belongings_of(team)
    page = operator.get(reverse("admin:jobs_job_changelist")).content.decode()
    assert page.count("field-__str__") == 2
    change = reverse("admin:jobs_job_change", args=[ours.job.pk])
    assert operator.get(change).status_code == 200


def test_keys_are_not_shown_even_to_operators(operator, team):
    account = belongings_of(team).account
    page = operator.get(reverse("admin:jobs_vendoraccount_change", args=[account.pk])).content.decode()
    assert account.sealed_key not in page


def test_operators_sign_in_where_wrong_passwords_are_counted(client):
    operator = a_user(is_staff=True, is_superuser=True)
    door = reverse("admin:login")
    given = {"username": operator.email, "password": PASSWORD}
    assertRedirects(client.post(door, given), f"{reverse('account_login')}?next={door}")
    assert "_auth_user_id" not in client.session


def test_people_who_are_no_operators_are_turned_away(team):
    assert client_of(a_member(team)).get(reverse("admin:login")).status_code == 403


def test_a_password_is_neither_shown_to_operators_nor_kept_as_typed(operator):
    person = a_user()
    change = reverse("admin:teams_user_change", args=[person.pk])
    assert person.password not in operator.get(change).content.decode()
    given = {"email": "typed@mjweb.example", "usable_password": "true"}
    words = {"password1": PASSWORD, "password2": PASSWORD}
    operator.post(reverse("admin:teams_user_add"), given | words)
    assert User.objects.get(email="typed@mjweb.example").check_password(PASSWORD)
