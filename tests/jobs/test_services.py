from contextlib import nullcontext, suppress
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.budgets.services import OverBudget, cost_of, set_budget
from apps.budgets.states import Period
from apps.core.errors import DomainError, NotAllowed
from apps.jobs import services
from apps.jobs.models import Job, Submission, VendorAccount
from apps.jobs.states import ENDED, State
from apps.jobs.workers.refreshing import claim_accounts_due
from apps.vendors.parameters import BadParameter
from tests.support.factories import a_job, an_account

pytestmark = pytest.mark.django_db


def cost(job: Job) -> tuple[str, str, str]:
    known = cost_of([job.public_id])[job.public_id]
    return str(known.state), f"{known.held:.2f}", f"{known.spent:.2f}"


@pytest.fixture
def order(creator, image, account):
    def place(member=creator, **changes):
        given = {
            "idempotency_key": uuid4(),
            "image": image,
            "account": account,
            "text": "Slow dolly in",
            "parameters": {},
        }
        return services.order(member, services.OrderRequest(**given | changes))

    return place


def test_an_order_waits_in_the_queue_with_its_recipe_and_price(order, image):
    job = order(parameters={"resolution": "720p"})
    assert (job.state, job.price) == (State.QUEUED, Decimal("0.48"))
    assert (job.vendor, job.model) == ("wavespeed", "midjourney/image-to-video")
    assert (job.image_sha256, job.parameters["version"]) == (image.sha256, "7")


def test_the_same_idempotency_key_is_the_same_job(order):
    idempotency_key = uuid4()
    assert order(idempotency_key=idempotency_key).pk == order(idempotency_key=idempotency_key).pk
    assert Job.objects.count() == 1


def test_a_form_that_was_changed_and_sent_again_is_another_job(order):
    idempotency_key = uuid4()
    assert (
        order(idempotency_key=idempotency_key).pk
        != order(idempotency_key=idempotency_key, text="Pan to the left").pk
    )


def test_another_teams_idempotency_key_reveals_nothing_of_their_job(order, team, stranger):
    theirs = a_job(stranger.team, State.QUEUED)
    assert order(idempotency_key=theirs.idempotency_key).team == team


def test_no_worker_is_sent_before_the_commit(order, django_capture_on_commit_callbacks):
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
    with pytest.raises(DomainError, match="is paused"):
        order()


def test_an_order_holds_its_price_before_anything_is_sent(order):
    job = order(parameters={"resolution": "720p"})
    assert cost(job) == ("held", "0.48", "0.00")


def test_an_order_over_budget_is_no_order(order, owner):
    set_budget(owner, period=Period.TOTAL, limit_usd=Decimal("0.20"))
    order()
    with pytest.raises(OverBudget):
        order()
    assert Job.objects.count() == 1


def test_an_unconfirmed_job_is_sent_again_once_by_a_person(creator, job_in):
    job = job_in(State.UNCONFIRMED)
    again = Job.objects.get(pk=job.pk)
    services.send_again(creator, job)
    assert (job.state, job.submission_number, cost(job)) == (
        State.QUEUED,
        2,
        ("held", "0.30", "0.00"),
    )
    with pytest.raises(DomainError, match="no longer unconfirmed"):
        services.send_again(creator, again)


def test_a_click_while_the_second_submission_is_unconfirmed_orders_no_third(creator, job_in):
    job = job_in(State.UNCONFIRMED)
    slow, page = Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk).submission_number
    services.send_again(creator, job)
    job.move(State.SUBMITTING)
    job.move(State.UNCONFIRMED)
    with pytest.raises(DomainError, match="no longer unconfirmed"):
        services.send_again(creator, slow)
    with pytest.raises(DomainError, match="sent again in the meantime"):
        services.send_again(creator, job, last_submission_seen=page)
    assert cost(job) == ("held", "0.30", "0.00")


def test_sending_again_is_over_budget_like_any_other_order(creator, owner, job_in):
    job = job_in(State.UNCONFIRMED)
    set_budget(owner, period=Period.TOTAL, limit_usd=Decimal("0.20"))
    with pytest.raises(OverBudget):
        services.send_again(creator, job)
    job.refresh_from_db()
    assert (job.state, job.submission_number) == (State.UNCONFIRMED, 1)


def test_an_unconfirmed_job_can_be_given_up_and_is_still_searched_for(creator, job_in):
    job = job_in(State.UNCONFIRMED)
    services.give_up(creator, job)
    assert (job.state, cost(job)) == (State.FAILED, ("held", "0.15", "0.00"))
    assert Submission.objects.due_for_reconciliation().get().job == job


def test_a_person_can_start_a_search_at_once(creator, job_in):
    job = job_in(State.UNCONFIRMED)
    Submission.objects.update(search_at=timezone.now() + timedelta(minutes=9))
    services.search_now(creator, job)
    assert Submission.objects.due_for_reconciliation().count() == 1


@pytest.mark.parametrize("state", [State.FAILED, State.MODERATED, State.CANCELLED])
def test_a_failed_job_is_retried_as_a_new_order_at_todays_price(creator, job_in, state):
    job, idempotency_key = job_in(state, price=Decimal("0.01")), uuid4()
    again = services.retry(creator, job, idempotency_key)
    assert (again.rerun_of, again.state, again.price) == (job, State.QUEUED, Decimal("0.15"))
    assert (again.prompt_text, again.parameters["resolution"]) == (job.prompt_text, "480p")
    assert services.retry(creator, job, idempotency_key) == again


@pytest.mark.parametrize("state", sorted(set(State) - ENDED))
def test_an_unfinished_job_cannot_be_retried(creator, job_in, state):
    with pytest.raises(DomainError, match="nothing to retry"):
        services.retry(creator, job_in(state), uuid4())


def test_a_job_whose_image_is_gone_cannot_be_retried(creator, job_in):
    job = job_in(State.FAILED)
    job.image.delete()
    with pytest.raises(DomainError, match="Choose another one"):
        services.retry(creator, Job.objects.get(pk=job.pk), uuid4())


def test_only_waiting_jobs_can_be_made_urgent(creator, job_in):
    waiting, sent = job_in(State.QUEUED), job_in(State.AT_VENDOR)
    for job in (waiting, sent):
        services.set_urgent(creator, job, is_urgent=True)
    assert list(Job.objects.filter(is_urgent=True)) == [waiting]


def test_a_late_job_leaves_its_list_when_somebody_has_seen_it(creator, job_in):
    job = job_in(State.SAVED, is_late=True)
    services.mark_late_as_seen(creator, job)
    assert not Job.objects.filter(is_late=True).exists()


def test_limits_hold_for_every_account_that_shares_the_key(owner, account, team):
    other = an_account(team)
    other.lane = account.lane
    other.save()
    services.set_limits(owner, account, orders_per_minute=7, in_flight=3, moderation_limit=4)
    other = VendorAccount.objects.select_related("lane").get(pk=other.pk)
    account.refresh_from_db()
    assert (other.lane.orders_per_minute, other.lane.in_flight) == (7, 3)
    assert (account.moderation_limit, other.moderation_limit) == (4, 10)


def test_refreshing_now_is_due_now(owner, account):
    VendorAccount.objects.update(refresh_at=timezone.now() + timedelta(hours=1))
    services.refresh_now(owner, account)
    assert list(claim_accounts_due()) == [account.pk]


WHAT_VIEWERS_MAY_NOT = {
    "cancel": services.cancel,
    "send again": services.send_again,
    "give up": services.give_up,
    "retry": lambda member, job: services.retry(member, job, uuid4()),
    "urgent": lambda member, job: services.set_urgent(member, job, is_urgent=True),
    "late": services.mark_late_as_seen,
    "look again": services.search_now,
    "name": lambda member, job: services.name_at_vendor(member, job.submissions.get(), "task-1"),
    "fetch now": services.download_now,
    "stop fetching": services.stop_downloading,
    "limits": lambda member, job: services.set_limits(
        member, job.account, orders_per_minute=1, in_flight=1, moderation_limit=1
    ),
    "open": lambda member, job: services.set_open(member, job.account, is_open=False),
    "refresh": lambda member, job: services.refresh_now(member, job.account),
}


@pytest.mark.parametrize("deed", WHAT_VIEWERS_MAY_NOT)
def test_a_viewer_may_not_act_on_jobs(viewer, job_in, deed):
    state = State.FAILED if deed == "retry" else State.UNCONFIRMED
    with pytest.raises(NotAllowed):
        WHAT_VIEWERS_MAY_NOT[deed](viewer, job_in(state))


def test_a_key_is_sealed_and_only_its_end_stays_visible(owner):
    account = services.connect_account(
        owner,
        name="Main",
        kind="wavespeed",
        key="wsk_secret_1234",
        base_url="https://api.example.test",
    )
    stored = VendorAccount.objects.get(pk=account.pk)
    assert "secret" not in stored.sealed_key
    assert stored.key_hint == "1234"
    assert "secret" not in repr(stored.vendor())


@pytest.mark.parametrize("role", ["producer", "creator", "reviewer", "viewer"])
def test_only_owners_connect_vendors(request, role):
    member = request.getfixturevalue(role)
    with pytest.raises(NotAllowed):
        services.connect_account(
            member, name="X", kind="wavespeed", key="k", base_url="https://a.test"
        )


def test_a_new_account_stands_on_the_lowest_step_of_its_vendor(owner):
    account = services.connect_account(owner, name="New", kind="wavespeed", key="k-1", base_url="")
    assert (account.lane.orders_per_minute, account.lane.in_flight) == (2, 2)


def test_an_account_name_is_there_once(owner):
    for key in ("k-1", "k-2"):
        with suppress(DomainError) if key == "k-2" else nullcontext():
            services.connect_account(owner, name="Main", kind="comet", key=key, base_url="")
    assert VendorAccount.objects.filter(name="Main").count() == 1
