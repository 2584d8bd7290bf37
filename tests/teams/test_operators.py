from itertools import product

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.urls import reverse
from pytest_django.asserts import assertRedirects

from apps.teams.models import User
from tests.support.accounts import an_operator, client_after_sign_in, code_now, sure
from tests.support.cases import case
from tests.support.factories import PASSWORD, a_member, a_user, belongings_of, client_of

pytestmark = [
    pytest.mark.django_db,
    # Django 5.2 asks whether an address without a scheme is https; ours are typed in by operators
    # alone.
    pytest.mark.filterwarnings("ignore:The default scheme will be changed"),
]
OURS = [model for model in admin.site._registry if model.__module__.startswith("apps.")]


@pytest.fixture
def operator():
    return client_after_sign_in(an_operator())


def test_an_operator_without_a_team_serves_every_team(operator, team):
    belongings_of(team)
    for page, model in product(("changelist", "add"), OURS):
        with case((model, page)):
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
            only_added = model.__name__ == "Event" and page == "add"
            assert operator.get(address).status_code == (403 if only_added else 200)


def test_an_operator_sees_the_jobs_of_every_team(operator, team, stranger):
    ours = belongings_of(team)
    page = operator.get(reverse("admin:jobs_job_changelist")).content.decode()
    assert page.count("field-__str__") == 2
    change = reverse("admin:jobs_job_change", args=[ours.job.pk])
    assert operator.get(change).status_code == 200


def test_keys_are_not_shown_even_to_operators(operator, team):
    account = belongings_of(team).account
    page = operator.get(
        reverse("admin:jobs_vendoraccount_change", args=[account.pk])
    ).content.decode()
    assert account.sealed_key not in page


def test_operators_sign_in_on_the_rate_limited_page(client):
    operator = a_user(is_staff=True, is_superuser=True)
    door = reverse("admin:login")
    given = {"username": operator.email, "password": PASSWORD}
    assertRedirects(client.post(door, given), f"{reverse('account_login')}?next={door}")
    assert "_auth_user_id" not in client.session


def test_only_operators_enter_the_admin_site(team):
    assert client_of(a_member(team)).get(reverse("admin:login")).status_code == 403


def test_a_password_is_neither_shown_to_operators_nor_kept_as_typed(operator):
    person = a_user()
    change = reverse("admin:teams_user_change", args=[person.pk])
    assert person.password not in operator.get(change).content.decode()
    given = {"email": "typed@mjweb.example", "usable_password": "true"}
    words = {"password1": PASSWORD, "password2": PASSWORD}
    operator.post(reverse("admin:teams_user_add"), given | words)
    assert User.objects.get(email="typed@mjweb.example").check_password(PASSWORD)


def test_an_operator_without_a_second_factor_is_led_to_add_one():
    client = client_after_sign_in(a_user(is_staff=True, is_superuser=True))
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0] == reverse("teams:security")
    assert "two-step sign-in" in response.content.decode()
    assert client.get(reverse("admin:teams_user_changelist")).status_code == 302


def test_an_operator_who_has_not_used_the_second_factor_is_asked_for_it():
    operator = an_operator()
    client = client_of(operator)
    asked = client.get(reverse("admin:teams_user_changelist"), follow=True)
    assert asked.resolver_match.view_name == "mfa_reauthenticate"
    arrived = client.post(asked.redirect_chain[-1][0], {"code": code_now()})
    assertRedirects(arrived, reverse("admin:teams_user_changelist"), fetch_redirect_response=False)
    assert client.get(reverse("admin:teams_user_changelist")).status_code == 200


def test_confirming_a_password_is_no_second_factor():
    client = sure(client_of(an_operator()))
    assert client.get(reverse("admin:teams_user_changelist")).status_code == 302


def test_removing_the_second_factor_ends_access_to_the_admin_site():
    operator = an_operator()
    client = client_after_sign_in(operator)
    operator.authenticator_set.all().delete()
    assert client.get(reverse("admin:teams_user_changelist")).status_code == 302


def test_an_operator_created_by_command_needs_no_verification_mail(settings, monkeypatch):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", "--email=root@mjweb.example", verbosity=0)
    assert (
        client_after_sign_in(User.objects.get(email="root@mjweb.example")).get("/").status_code
        == 403
    )


def test_single_sign_on_is_not_set_by_operators_but_by_the_environment():
    assert not {model.__name__ for model in admin.site._registry} & {"SocialApp", "SocialToken"}


def test_operators_change_their_password_on_the_recorded_page(operator):
    assertRedirects(
        operator.get(reverse("admin:password_change")),
        reverse("account_change_password"),
        fetch_redirect_response=False,
    )
