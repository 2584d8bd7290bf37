"""Addresses of vendor accounts: public ones, and private ones only where an operator allows it."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from apps.jobs.models import Job, VendorAccount
from apps.jobs.states import State
from apps.jobs.workers.submitting import submit_due
from tests.support.accounts import an_operator, client_after_sign_in
from tests.support.factories import a_job, an_account, client_of
from tests.support.fake_network import HOST, PUBLIC, answer

pytestmark = [
    pytest.mark.django_db,
    # Django 5.2 asks whether an address without a scheme is https; ours are typed in by operators
    # alone.
    pytest.mark.filterwarnings("ignore:The default scheme will be changed"),
]
ACCOUNTS = "/jobs/accounts/"
YES = b'{"code": 200, "message": "success", "data": {"id": "job-1", "status": "created"}}'


@pytest.fixture
def connect(owner):
    def send(address: str):
        given = {
            "offer": "comet/2",
            "name": "Ours",
            "key": "sk-of-a-test-1234",
            "base_url": address,
        }
        return client_of(owner).post(ACCOUNTS, given, follow=True)

    return send


def test_an_account_at_another_address_is_connected_after_that_is_checked(connect, network):
    connect(f"https://{HOST}/")
    assert VendorAccount.objects.get().base_url == f"https://{HOST}/"
    assert network.lookups == [HOST]
    assert network.dialled == []


def test_without_an_address_it_is_the_vendors_own_and_nobody_is_asked(connect, network):
    connect("")
    assert VendorAccount.objects.get().base_url.startswith("https://api.cometapi.com")
    assert network.lookups == []


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080",
        "https://10.0.0.1",
        "http://[::1]/",
        "https://inside.example.test",
        f"https://{HOST}:9",
    ],
)
def test_an_account_inside_is_refused_next_to_its_field_and_nothing_typed_is_lost(
    connect, network, address
):
    network.names |= {"inside.example.test": ["192.168.0.9"]}
    answered = connect(address)
    assert answered.status_code == 422
    assert "has to be allowed by" in " ".join(answered.context["form"].errors["base_url"])
    assertContains(answered, f'value="{address}"', status_code=422)
    assert not VendorAccount.objects.exists()


def test_a_name_that_nobody_knows_today_is_let_in_with_a_warning(connect, network):
    assertContains(
        connect("https://nobody.example.test"), "find nobody.example.test. Check the address."
    )
    assert VendorAccount.objects.get().base_url == "https://nobody.example.test"


def order_at(team, network, **account) -> Job:
    """Place an order with an account that leads there, and return what became of it."""
    network.respond = lambda request: answer(200, YES)
    made = an_account(team, **account)
    job = a_job(team, State.QUEUED, account=made)
    submit_due(made.lane)
    return Job.objects.get(pk=job.pk)


def test_an_order_to_a_forbidden_address_fails_with_the_reason(team, network):
    network.names = {HOST: ["10.1.2.3"]}
    job = order_at(team, network, base_url=f"https://{HOST}")
    assert job.state == State.FAILED
    assert "Nothing was sent" in job.reason
    assert "an operator" in job.reason
    assert network.dialled == []


def test_an_order_to_a_public_address_is_sent(team, network):
    job = order_at(team, network, base_url=f"https://{HOST}")
    assert (job.state, job.vendor_job_id) == (State.AT_VENDOR, "job-1")
    assert network.dialled == [(PUBLIC, 443)]


def test_an_account_that_an_operator_marked_may_be_on_this_machine_with_its_own_key(team, network):
    job = order_at(team, network, base_url="http://127.0.0.1:8790", is_sandbox=True)
    assert job.state == State.AT_VENDOR
    assert network.dialled == [("127.0.0.1", 8790)]
    assert network.requests[0].headers["authorization"].startswith("Bearer ws-key-of-the-tests-")


# --- the operator's way ---------------------------------------------------------------


@pytest.fixture
def mark(account):
    """Save the account in the admin site as an operator does."""

    def send(**changes: str):
        given = {
            "name": account.name, "kind": account.kind, "schema_version": "",
            "base_url": account.base_url, "is_open": "on", "moderation_limit": "10",
        } | changes  # fmt: skip
        page = reverse("admin:jobs_vendoraccount_change", args=[account.pk])
        return client_after_sign_in(an_operator()).post(page, given, follow=True)

    return send


def test_an_operator_marks_an_account_and_is_told_what_that_means(mark, account):
    answered = mark(marked="on")
    assertRedirects(answered, reverse("admin:jobs_vendoraccount_changelist"))
    assertContains(answered, "may now go to this machine and to private networks")
    assert VendorAccount.objects.get(pk=account.pk).is_sandbox


def test_an_operator_takes_the_mark_away(mark, account):
    VendorAccount.objects.filter(pk=account.pk).update(is_sandbox=True)
    mark()
    assert not VendorAccount.objects.get(pk=account.pk).is_sandbox


def test_a_sandbox_mark_stays_and_is_recorded_once(mark, account):
    VendorAccount.objects.filter(pk=account.pk).update(is_sandbox=True)
    assert "may now go" not in mark(marked="on").content.decode()
    assert VendorAccount.objects.get(pk=account.pk).is_sandbox


def test_no_owner_marks_an_account_by_posting_more_fields(owner, network):
    given = {
        "offer": "comet/2",
        "name": "Ours",
        "key": "sk-of-a-test-1234",
        "marked": "on",
        "is_sandbox": "on",
    }
    client_of(owner).post(ACCOUNTS, given)
    assert not VendorAccount.objects.get().is_sandbox
