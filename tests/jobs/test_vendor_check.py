from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.teams.scoping import everywhere
from apps.vendors.errors import JobNotFound, Refused, TryLater
from tests.support.factories import an_account

pytestmark = pytest.mark.django_db


def run_check(*arguments, **options) -> str:
    said = StringIO()
    with everywhere():
        call_command("vendor_check", *arguments, stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def healthy(vendor):
    vendor.unknown = JobNotFound("We have no such job.")
    vendor.left, vendor.live_price = Decimal("12.34"), Decimal("0.2")
    return vendor


def test_the_check_shows_key_balance_and_prices_without_ordering(healthy, account):
    words = run_check()
    assert "WaveSpeedAI answers and accepts the key." in words
    assert "The balance is $12.34." in words
    assert "A job in 720p costs $0.20 today." in words
    assert "Nothing was spent" in words
    assert healthy.orders == []


def test_a_price_that_the_vendor_does_not_say_comes_from_its_documents(healthy, team):
    an_account(team, kind="comet", name="Comet")
    words = run_check("Comet")
    assert "does not show a balance" in words
    assert "costs $0.60 by the vendor's documents" in words
    assert "The price of a job in 480p relax is unknown." in words


@pytest.mark.parametrize(
    "trouble", [Refused("The key is not accepted."), TryLater("Out of reach.")]
)
def test_a_failed_check_quotes_the_vendor_and_ends_in_an_error(vendor, account, trouble):
    vendor.trouble = trouble
    with pytest.raises(CommandError, match="check failed"):
        run_check()


def test_a_sandbox_that_is_not_known_here_says_what_to_set(team, settings, capsys):
    account = an_account(team)
    account.use_sandbox()
    account.save()
    settings.SANDBOX_URL = ""
    with pytest.raises(CommandError, match="No vendor account can be checked"):
        run_check()
    assert "Set MJWEB_SANDBOX_URL and MJWEB_SANDBOX_KEY" in capsys.readouterr().err


def test_where_no_vendor_is_connected_there_is_nothing_to_check(team):
    with pytest.raises(CommandError, match="There is no vendor account to check"):
        run_check()


def test_a_key_can_be_checked_before_it_is_connected(healthy, monkeypatch):
    monkeypatch.setenv("MJWEB_VENDOR_KEY", "ws-a-key")
    assert "accepts the key" in run_check(kind="wavespeed")


def test_a_key_is_never_taken_from_the_command_line(monkeypatch):
    monkeypatch.delenv("MJWEB_VENDOR_KEY", raising=False)
    with pytest.raises(CommandError, match="MJWEB_VENDOR_KEY"):
        run_check(kind="wavespeed")


def test_no_account_is_said_so():
    with pytest.raises(CommandError, match="no vendor account"):
        run_check()
