from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command

from apps.core.secrets import unseal
from apps.jobs.models import VendorAccount
from apps.operations.reseal import sealed_columns
from tests.support.accounts import SECRET, with_authenticator
from tests.support.factories import a_user, an_account

pytestmark = pytest.mark.django_db


def keys_of(account) -> str:
    return VendorAccount._base_manager.get(pk=account.pk).sealed_key


def run(*options) -> int:
    with pytest.raises(SystemExit) as ended:
        call_command("reseal", *options, stdout=StringIO())
    return ended.value.code


def test_after_resealing_the_old_key_can_go(team, settings):
    settings.ENCRYPTION_KEYS = ["old"]
    account = an_account(team)
    secret = unseal(account.sealed_key)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert run() == 0
    settings.ENCRYPTION_KEYS = ["new"]
    assert unseal(keys_of(account)) == secret


def test_what_the_secret_key_sealed_is_resealed_too(team, settings):
    settings.ENCRYPTION_KEYS = []
    account = an_account(team)
    settings.ENCRYPTION_KEYS = ["first"]
    assert run() == 0
    settings.SECRET_KEY = "another"
    assert unseal(keys_of(account))


def test_a_check_changes_nothing_and_reports_work(team, settings, capsys):
    settings.ENCRYPTION_KEYS = ["old"]
    account = an_account(team)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    before = keys_of(account)
    assert run("--check") == 1
    assert keys_of(account) == before
    assert "1 to be resealed" in capsys.readouterr().out
    assert run() == run("--check") == 0


def test_a_secret_whose_key_is_lost_is_kept_and_reported(team, settings, capsys):
    settings.ENCRYPTION_KEYS = ["lost"]
    account = an_account(team)
    settings.ENCRYPTION_KEYS = ["new"]
    before = keys_of(account)
    assert run() == 1
    assert keys_of(account) == before
    said = capsys.readouterr().out
    assert "1 unreadable" in said
    assert "Keep every key" in said
    assert before not in said


def test_resealing_again_changes_nothing(team, settings):
    settings.ENCRYPTION_KEYS = ["new"]
    account = an_account(team)
    assert run() == 0
    before = keys_of(account)
    assert run() == 0
    assert keys_of(account) == before


def test_every_sealed_column_is_found():
    found = {(model.__name__, column) for model, column in sealed_columns()}
    assert {("VendorAccount", "sealed_key"), ("VendorAccount", "sealed_webhook_secret")} <= found


def test_the_secrets_of_second_factors_are_resealed_too(settings):
    settings.ENCRYPTION_KEYS = ["old"]
    user = a_user()
    with_authenticator(user)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert run("--check") == 1
    assert run() == 0
    settings.ENCRYPTION_KEYS = ["new"]
    assert unseal(Authenticator.objects.get(user=user).data["secret"]) == SECRET
