from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.budgets.models import Price
from apps.jobs.models import VendorAccount
from apps.jobs.services import price_of
from apps.jobs.workers.refreshing import claim_accounts_due, refresh_account
from apps.vendors.errors import TryLater
from tests.support.factories import an_account

pytestmark = pytest.mark.django_db


def refresh(account: VendorAccount) -> VendorAccount:
    refresh_account(VendorAccount.objects.select_related("team").get(pk=account.pk))
    return VendorAccount.objects.get(pk=account.pk)


def test_the_balance_is_kept_with_its_moment(vendor, account):
    vendor.left = Decimal("12.3456")
    account = refresh(account)
    assert account.balance == Decimal("12.3456")
    assert timezone.now() - account.balance_at < timedelta(seconds=5)


@pytest.mark.parametrize("usd", ["1000000000", "100000000", "99999999.99999", "-100000000"])
def test_a_balance_that_cannot_be_saved_keeps_no_other_value_from_being_saved(vendor, account, usd):
    vendor.left = vendor.live_price = Decimal(usd)
    account = refresh(account)
    assert account.balance is None
    assert account.webhook_secrets == ["whsec_of-the-tests"]
    assert not Price.objects.exists()


@pytest.mark.parametrize("usd", ["0", "0.00001", "-0.15", "1000000", "999999.99999", "NaN"])
def test_an_impossible_live_price_is_not_saved(vendor, account, usd):
    before = price_of(account, {"resolution": "480p"})
    vendor.live_price = Decimal(usd)
    refresh(account)
    assert price_of(account, {"resolution": "480p"}) == before


def test_a_missing_balance_stays_unknown(vendor, account):
    account = refresh(account)
    assert (account.balance, account.balance_at) == (None, None)


def test_the_webhook_secret_is_stored_sealed(vendor, account):
    account = refresh(account)
    assert account.webhook_secrets == ["whsec_of-the-tests"]
    assert "whsec" not in account.sealed_webhook_secret
    sealed = account.sealed_webhook_secret
    assert refresh(account).sealed_webhook_secret == sealed


def test_a_live_price_is_saved_once_and_counts_from_then_on(vendor, account):
    vendor.live_price = Decimal("0.21")
    refresh(account)
    refresh(account)
    assert Price.objects.filter(variant="480p").count() == 1
    assert price_of(account, {"resolution": "480p"}) == Decimal("0.21")


def test_a_changed_price_is_saved_again(vendor, account):
    for usd in ("0.21", "0.22"):
        vendor.live_price = Decimal(usd)
        refresh(account)
    assert price_of(account, {"resolution": "480p"}) == Decimal("0.22")


def test_a_vendor_out_of_order_is_asked_again_soon_and_known_values_stay(vendor, account):
    vendor.left = Decimal(5)
    refresh(account)
    vendor.trouble = TryLater("Closed.")
    account = refresh(account)
    assert account.balance == Decimal(5)
    assert timedelta(0) < account.refresh_at - timezone.now() <= timedelta(minutes=2)


def test_an_account_whose_key_cannot_be_read_is_left_alone(account):
    VendorAccount.objects.update(sealed_key="sealed by somebody else")
    assert refresh(account).balance is None


def test_a_vendor_without_balance_prices_or_signed_webhooks_is_not_asked_for_them(vendor, team):
    vendor.left = vendor.live_price = Decimal(1)
    account = refresh(an_account(team, kind="comet"))
    assert (account.balance, account.webhook_secrets) == (None, [])
    assert Price.objects.count() == 0


def test_an_account_is_refreshed_by_one_worker_at_intervals(account):
    assert list(claim_accounts_due()) == [account.pk]
    assert list(claim_accounts_due()) == []
