"""Every address of accounts/, whose pages are allauth's; accounts.toml says who gets what."""

import tomllib
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import get_resolver, reverse

from tests.support.accounts import client_after_sign_in, sure
from tests.support.factories import a_member, client_of

TABLE = tomllib.loads(Path(__file__).with_name("accounts.toml").read_text())
KNOCKS = [(name, method) for name, methods in TABLE["pages"].items() for method in methods]
GIVEN = {
    "account_confirm_email": ["made-up"],
    "account_reset_password_from_key": ["1", "made-up"],
    "openid_connect_login": ["sso"],
    "openid_connect_callback": ["sso"],
}

pytestmark = pytest.mark.django_db


def names(resolver):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names(pattern)
        elif pattern.name:
            yield pattern.name


def test_every_address_of_accounts_has_its_rows():
    (ours,) = [one for one in get_resolver().url_patterns if str(one.pattern) == "accounts/"]
    assert set(names(ours)) == set(TABLE["pages"])
    assert all(set(methods) == {"GET", "POST"} for methods in TABLE["pages"].values())


@pytest.mark.proof
@pytest.mark.parametrize(
    ("name", "method"), KNOCKS, ids=[f"{name} {method}" for name, method in KNOCKS]
)
def test_everybody_gets_what_the_table_says(team, name, method):
    theirs = Authenticator.objects.create(
        user=a_member(team).user, type="webauthn", data={"name": "Theirs", "credential": {}}
    )
    about = (
        [theirs.pk] if name in {"mfa_edit_webauthn", "mfa_remove_webauthn"} else GIVEN.get(name, [])
    )
    person = a_member(team).user
    browsers = [Client(), client_of(person), sure(client_after_sign_in(person))]
    answers = [browser.generic(method, reverse(name, args=about)) for browser in browsers]
    assert [answer.status_code for answer in answers] == TABLE["pages"][name][method]
    assert all("no-store" in answer["Cache-Control"] for answer in answers)
    theirs.refresh_from_db()
    assert theirs.data["name"] == "Theirs"
