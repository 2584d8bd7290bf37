from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

from apps.core.errors import DomainError, NotAllowed
from apps.jobs import services
from apps.jobs.models import Job, VendorAccount
from apps.jobs.states import State
from apps.teams.scoping import within
from apps.vendors.parameters import BadParameter
from tests.factories.house import a_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(creator, image, account):
    def place(member=creator, **changes):
        given = {
            "ticket": uuid4(),
            "image": image,
            "account": account,
            "text": "Slow dolly in",
            "parameters": {},
        }
        return services.order(member, **given | changes)

    return place


def test_an_order_waits_in_the_queue_with_its_recipe_and_price(order, image):
    job = order(parameters={"resolution": "720p"})
    assert (job.state, job.price) == (State.QUEUED, Decimal("0.48"))
    assert (job.vendor, job.model) == ("wavespeed", "midjourney/image-to-video")
    assert (job.image_sha256, job.parameters["version"]) == (image.sha256, "7")


def test_the_same_ticket_is_the_same_job(order):
    ticket = uuid4()
    assert order(ticket=ticket).pk == order(ticket=ticket).pk
    assert Job.objects.count() == 1


def test_a_form_that_was_changed_and_sent_again_is_another_job(order):
    ticket = uuid4()
    assert order(ticket=ticket).pk != order(ticket=ticket, text="Pan to the left").pk


def test_another_teams_ticket_says_nothing_about_their_job(order, team, stranger):
    theirs = a_job(stranger.team, State.QUEUED)
    assert order(ticket=theirs.ticket).team == team


def test_nothing_is_told_to_the_workers_before_the_commit(order, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        order()
    assert len(callbacks) == 1


def test_a_parameter_the_vendor_would_refuse_is_never_ordered(order):
    with pytest.raises(BadParameter):
        order(parameters={"resolution": "1080p"})
    assert Job.objects.count() == 0


@pytest.mark.parametrize("role", ["reviewer", "viewer"])
def test_who_may_not_create_may_not_order(order, request, role):
    with pytest.raises(NotAllowed):
        order(member=request.getfixturevalue(role))


def test_a_closed_account_takes_no_orders(order, account, owner):
    services.set_open(owner, account, is_open=False)
    account.refresh_from_db()
    with pytest.raises(DomainError, match="takes no orders"):
        order()


def test_a_queued_job_can_be_cancelled_and_a_sent_one_cannot(creator, job_in):
    job = job_in(State.QUEUED)
    services.cancel(creator, job)
    assert job.state == State.CANCELLED
    with pytest.raises(DomainError, match="has been sent"):
        services.cancel(creator, job_in(State.AT_VENDOR))


def test_an_unconfirmed_job_is_sent_again_once_by_a_person(creator, job_in):
    job = job_in(State.UNCONFIRMED)
    again = Job.objects.get(pk=job.pk)
    services.send_again(creator, job)
    assert job.state == State.QUEUED
    with pytest.raises(DomainError, match="no longer in doubt"):
        services.send_again(creator, again)


def test_an_unconfirmed_job_can_be_given_up(creator, job_in):
    job = job_in(State.UNCONFIRMED)
    services.give_up(creator, job)
    assert job.state == State.FAILED


def test_a_key_is_sealed_and_only_its_end_stays_visible(owner):
    account = services.connect_account(
        owner, name="Main", kind="wavespeed", key="wsk_secret_1234", base_url="https://api.example.test"
    )
    stored = VendorAccount.objects.get(pk=account.pk)
    assert "secret" not in stored.sealed_key
    assert stored.key_hint == "1234"
    assert "secret" not in repr(stored.vendor())


@pytest.mark.parametrize("role", ["producer", "creator", "reviewer", "viewer"])
def test_only_owners_connect_vendors(request, role):
    member = request.getfixturevalue(role)
    with pytest.raises(NotAllowed):
        services.connect_account(member, name="X", kind="wavespeed", key="k", base_url="https://a.test")


@pytest.mark.django_db(transaction=True)
def test_a_doubled_click_in_two_threads_orders_once(order, team):
    ticket = uuid4()

    def press(_):
        try:
            with within(team):
                return order(ticket=ticket).pk
        finally:
            connection.close()

    if connection.vendor == "sqlite":  # an in-memory database belongs to one thread
        assert press(0) == press(1)
        return
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(press, range(2)))) == 1
