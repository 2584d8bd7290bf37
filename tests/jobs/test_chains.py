from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.budgets.models import LedgerEntry
from apps.budgets.services import OverBudget, cost_of, set_budget
from apps.budgets.states import Kind, Period
from apps.clips.models import Clip
from apps.clips.states import Nsfw
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Chain, Job
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.queries import retry_of
from apps.jobs.states import State
from apps.jobs.workers import saving
from apps.jobs.workers.joining import claim_joins, join_parts
from apps.jobs.workers.reports import apply_reports
from apps.jobs.workers.submitting import submit_due
from apps.vendors.errors import Refused
from apps.vendors.types import Extension, Progress, Report
from tests.footage.films import film
from tests.support.factories import a_clip, a_film, an_account
from tests.support.pictures import picture_server
from tests.support.vendor import done_report

__all__ = ["picture_server"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("films_examined_once")]
FURTHER = ["Then she turns.", "Then she waves.", "Then she leaves.", "The door closes."]


@pytest.fixture
def account(team):
    account = an_account(team, kind="comet")
    account.is_sandbox = True  # its films may come from this machine
    account.save()
    return account


@pytest.fixture
def order(creator, image, account):
    def place_it(**changes):
        given = {
            "idempotency_key": uuid4(),
            "image": image,
            "account": account,
            "text": "Slow dolly in",
        }
        given |= {"parameters": {}, "further": FURTHER[:2]} | changes
        return services.order(creator, services.OrderRequest(**given))

    return place_it


@pytest.fixture
def make(vendor, picture_server):
    """Have a part sent, made and saved."""

    def run(part: Job, *films: bytes) -> Job:
        part = fresh(part)
        submit_due(part.account.lane)
        part.refresh_from_db()
        names = [
            picture_server.hang(f"{part.pk}-{number}.mp4", content)
            for number, content in enumerate(films or (a_film(),))
        ]
        apply_reports(
            part.account.lane,
            {part.vendor_job_id: done_report(*names)},
            PollSchedule(part.account.lane),
        )
        for output in part.outputs.select_related("job__account", "job__chain"):
            saving.save(output)
        return fresh(part)

    return run


def fresh(job: Job) -> Job:
    return Job.objects.select_related("account__lane", "chain", "image").get(pk=job.pk)


def parts_of(job: Job) -> list[Job]:
    return list(Job.objects.filter(chain=job.chain).order_by("part"))


def states_of(job: Job) -> list[str]:
    return [part.state for part in parts_of(job)]


def costs_of(job: Job) -> list[str]:
    parts = parts_of(job)
    costs = cost_of(part.public_id for part in parts)
    return [str(costs[part.public_id].state) for part in parts]


def join_chain(chain: Chain) -> Clip | None:
    for pk in claim_joins():
        join_parts(Chain.objects.get(pk=pk))
    return Clip.objects.filter(is_joined=True).first()


def test_all_parts_are_planned_and_held_in_one_go(order):
    job = order(further=FURTHER)
    parts = parts_of(job)
    assert [part.state for part in parts] == [State.QUEUED, *[State.PLANNED] * 4]
    assert [part.extends for part in parts] == [None, *parts[:-1]]
    assert [part.prompt_text for part in parts] == ["Slow dolly in", *FURTHER]
    assert costs_of(job) == ["held"] * 5


def test_a_chain_that_does_not_fit_its_budget_orders_nothing_at_all(order, owner):
    set_budget(owner, period=Period.TOTAL, limit_usd=Decimal("1.79"))
    with pytest.raises(OverBudget):
        order()
    assert (Job.objects.count(), Chain.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)


def test_the_same_form_again_is_the_same_chain(order):
    idempotency_key = uuid4()
    assert order(idempotency_key=idempotency_key) == order(idempotency_key=idempotency_key)
    assert (Chain.objects.count(), Job.objects.count()) == (1, 3)


def test_a_saved_part_lets_the_next_one_begin_and_no_other(order, make, vendor):
    job = make(order())
    assert states_of(job) == [State.SAVED, State.QUEUED, State.PLANNED]
    make(parts_of(job)[1])
    assert states_of(job) == [State.SAVED, State.SAVED, State.QUEUED]
    assert vendor.orders[1].extends == Extension(vendor_job_id=job.vendor_job_id, number=0)


def test_a_chain_made_step_by_step_waits_for_a_person_to_choose_a_take(
    order, make, vendor, creator
):
    job = make(order(is_stepwise=True), a_film(), a_film())
    assert states_of(job) == [State.SAVED, State.PLANNED, State.PLANNED]
    waiting = parts_of(job)[1]
    services.choose_take(creator, waiting, job.clips.get(take=2))
    with pytest.raises(DomainError, match="has begun already"):
        services.choose_take(creator, fresh(waiting), job.clips.get(take=1))
    make(waiting)
    assert vendor.orders[1].extends == Extension(vendor_job_id=job.vendor_job_id, number=1)


def test_a_part_cannot_extend_a_take_of_another_job(order, make, creator, team):
    job = make(order(is_stepwise=True))
    with pytest.raises(DomainError, match="not saved yet"):
        services.choose_take(creator, parts_of(job)[1], a_clip(team))


def test_stopping_voids_planned_parts_and_joins_saved_ones(order, make, creator):
    job = order(further=FURTHER)
    make(job)
    make(parts_of(job)[1])
    services.stop_chain(creator, fresh(job).chain)
    assert states_of(job) == [
        State.SAVED,
        State.SAVED,
        State.QUEUED,
        State.CANCELLED,
        State.CANCELLED,
    ]
    assert costs_of(job) == ["charged", "charged", "held", "voided", "voided"]
    assert join_chain(job.chain) is None
    make(parts_of(job)[2])
    assert join_chain(job.chain).frames == 3 * 24


def test_a_chain_is_stopped_once(order, creator):
    job = order()
    services.stop_chain(creator, job.chain)
    stopped_at = Chain.objects.get().stopped_at
    services.stop_chain(creator, Chain.objects.get())
    assert Chain.objects.get().stopped_at == stopped_at
    assert states_of(job) == [State.QUEUED, State.CANCELLED, State.CANCELLED]


@pytest.mark.parametrize("end", ["refused", "failed", "stopped there", "cancelled"])
def test_a_part_that_fails_cancels_the_rest_and_the_saved_parts_are_joined(
    order, make, vendor, creator, end
):
    job = make(order(further=FURTHER))
    second = make(parts_of(job)[1])
    third = parts_of(job)[2]
    if end == "cancelled":
        services.cancel(creator, third)
    elif end == "refused":
        vendor.trouble = Refused("No.")
        submit_due(fresh(third).account.lane)
    else:
        submit_due(fresh(third).account.lane)
        third.refresh_from_db()
        progress = {"failed": Progress.FAILED, "stopped there": Progress.CANCELLED}[end]
        report = Report(progress=progress, vendor_status="FAILURE")
        apply_reports(
            fresh(third).account.lane,
            {third.vendor_job_id: report},
            PollSchedule(fresh(third).account.lane),
        )
    assert states_of(job)[3:] == [State.CANCELLED, State.CANCELLED]
    assert costs_of(job) == ["charged", "charged", "voided", "voided", "voided"]
    clip = join_chain(job.chain)
    assert (clip.frames, clip.order) == (48, second.public_id)


def test_the_joined_clip_has_the_frames_of_all_parts_in_their_order(order, make, tmp_path):
    job, levels = order(), (40, 110, 180)
    for part, level in zip(parts_of(job), levels, strict=True):
        flat = [[[[level] * 3] * 96] * 64] * (10 + part.part)
        path = film(tmp_path / f"{part.part}.mp4", [np.array(one, np.uint8) for one in flat])
        make(part, path.read_bytes())
    clip = join_chain(job.chain)
    assert (clip.frames, clip.order) == (10 + 11 + 12, parts_of(job)[-1].public_id)
    with default_storage.open(clip.file) as file, av.open(file) as reel:
        seen = [round(frame.to_ndarray(format="gray").mean()) for frame in reel.decode(video=0)]
    order_of_levels = [min(levels, key=lambda level: abs(level - one)) for one in seen]
    assert order_of_levels == [40] * 10 + [110] * 11 + [180] * 12
    assert clip.prompt_text == "\n\n".join(["Slow dolly in", *FURTHER[:2]])
    assert clip.saved_at
    assert default_storage.exists(clip.poster)


def test_the_joined_clip_has_the_nsfw_flag_of_its_most_doubtful_part(order, make):
    job = order(further=FURTHER[:1])
    for part in parts_of(job):
        make(part)
    job.clips.update(nsfw=Nsfw.FLAGGED)
    assert join_chain(job.chain).nsfw == Nsfw.FLAGGED


def test_joining_again_writes_the_same_clip_again(order, make):
    job = order(further=FURTHER[:1])
    for part in parts_of(job):
        make(part)
    first = join_chain(job.chain)
    Chain.objects.update(join_at=timezone.now())
    assert join_chain(job.chain) == first
    assert Clip.objects.filter(is_joined=True).count() == 1


def put_in_trash(clips, **fields) -> None:
    assert clips.update(trashed_at=timezone.now(), **fields)


def test_a_part_in_the_trash_is_still_joined(order, make):
    job = order(further=FURTHER[:1])
    for part in parts_of(job):
        make(part)
    put_in_trash(job.clips)
    assert join_chain(job.chain).frames == 2 * job.clips.get().frames


def test_parts_are_not_joined_when_one_of_them_is_deleted(order, make):
    job = order(further=FURTHER[:2])
    for part in parts_of(job):
        make(part)
    put_in_trash(job.clips, gone_at=timezone.now())
    assert join_chain(job.chain) is None
    assert "deleted for good" in Chain.objects.get().fault


def test_a_joined_clip_in_the_trash_is_not_joined_again(order, make):
    job = order(further=FURTHER[:1])
    for part in parts_of(job):
        make(part)
    first = join_chain(job.chain)
    put_in_trash(Clip.objects.filter(pk=first.pk))
    default_storage.delete(first.file)
    Chain.objects.update(join_at=timezone.now())
    assert join_chain(job.chain) == first
    assert not default_storage.exists(first.file)
    assert Chain.objects.get().join_at is None


def test_a_chain_is_joined_by_one_worker_and_by_another_when_that_one_died(order, make):
    job = order(further=FURTHER[:1])
    for part in parts_of(job):
        make(part)
    assert list(claim_joins()) == [job.chain_id]
    assert list(claim_joins()) == []
    Chain.objects.update(join_at=timezone.now())
    assert join_chain(job.chain)


def test_a_file_that_cannot_be_joined_is_reported_and_the_parts_stay(order, make):
    job = order(further=FURTHER[:1])
    for part in parts_of(job):
        make(part)
    broken = job.clips.get()
    default_storage.delete(broken.file)
    with default_storage.open(broken.file, "wb") as file:
        file.write(b"no film")
    assert join_chain(job.chain) is None
    chain = Chain.objects.get()
    assert chain.fault
    assert Clip.objects.visible().count() == 2


def test_a_file_out_of_reach_is_tried_again_later(order, make):
    job = order(further=FURTHER[:1])
    for part in parts_of(job):
        make(part)
    default_storage.delete(job.clips.get().file)
    assert join_chain(job.chain) is None
    chain = Chain.objects.get()
    assert chain.fault
    assert chain.join_at > timezone.now()


def test_a_finished_clip_can_be_made_longer_afterwards_and_is_joined_with_what_follows(
    order, make, creator, vendor
):
    job = make(order(further=[]), a_film(), a_film())
    first = services.extend(creator, job.clips.get(take=2), FURTHER[:2], idempotency_key=uuid4())
    make(first)
    make(parts_of(first)[1])
    assert vendor.orders[1].extends == Extension(vendor_job_id=job.vendor_job_id, number=1)
    assert join_chain(first.chain).frames == 3 * 24


def test_an_extension_that_contains_the_parts_before_it_is_not_joined_with_them(
    order, make, tmp_path
):
    job = order(further=FURTHER[:1])
    make(job)
    long = film(tmp_path / "long.mp4", frames=24 * 7, options={})
    make(parts_of(job)[1], Path(long).read_bytes())
    assert join_chain(job.chain).frames == 24 * 7


def test_a_doubled_click_on_extend_orders_once(order, make, creator):
    job, idempotency_key = make(order(further=[])), uuid4()
    clicks = {
        services.extend(creator, job.clips.get(), FURTHER[:1], idempotency_key=idempotency_key).pk
        for _ in range(2)
    }
    assert len(clicks) == 1


def test_no_clip_grows_beyond_what_the_model_can_make(order, make, creator):
    with pytest.raises(DomainError, match="21 s"):
        order(further=[*FURTHER, "And on."])
    last = make(order(further=[]))
    Job.objects.filter(pk=last.pk).update(part=4)
    with pytest.raises(DomainError, match="21 s"):
        services.extend(creator, fresh(last).clips.get(), ["And on."], idempotency_key=uuid4())
    assert Job.objects.count() == 1


def test_a_vendor_that_cannot_extend_is_not_asked_to(order, team, creator):
    with pytest.raises(DomainError, match="WaveSpeedAI can't extend clips"):
        order(account=an_account(team))
    with pytest.raises(DomainError, match="can't extend clips"):
        services.extend(creator, a_clip(team), FURTHER[:1], idempotency_key=uuid4())


@pytest.mark.parametrize("state", ["nothing written", "joined already", "closed account"])
def test_a_clip_that_cannot_be_extended_says_why(order, make, creator, state):
    job = make(order(further=[]))
    clip, prompts = job.clips.get(), FURTHER[:1]
    if state == "nothing written":
        prompts = []
    elif state == "joined already":
        clip.is_joined = True
    else:
        type(job.account).objects.update(is_open=False)
        clip = Clip.objects.get()
    with pytest.raises(DomainError):
        services.extend(creator, clip, prompts, idempotency_key=uuid4())


def test_a_failed_part_is_retried_from_the_clip_that_it_extends(order, make, vendor, creator):
    job = make(order(further=FURTHER[:1]))
    second = parts_of(job)[1]
    services.cancel(creator, second)
    again = services.retry(creator, second, uuid4())
    assert (again.extends, again.extends_take, again.part, again.state) == (job, 1, 1, State.QUEUED)
    make(again)
    assert join_chain(again.chain).frames == 48


def words_of(job: Job) -> list[str]:
    return [part.prompt_text for part in parts_of(job)]


def test_a_retry_plans_the_parts_again_that_were_cancelled_with_it(order, make, creator):
    job = make(order(further=FURTHER[:3], is_stepwise=True))
    second = parts_of(job)[1]
    services.choose_take(creator, second, job.clips.get())
    services.cancel(creator, fresh(second))
    assert states_of(job) == [State.SAVED, *[State.CANCELLED] * 3]
    second = fresh(second)
    assert retry_of(second).total == Decimal("1.80")
    again = services.retry(creator, second, uuid4())
    assert (again.extends, again.chain.is_stepwise) == (job, True)
    assert words_of(again) == FURTHER[:3]
    assert states_of(again) == [State.QUEUED, State.PLANNED, State.PLANNED]
    assert costs_of(again) == ["held"] * 3


def test_a_retry_of_the_first_part_plans_the_whole_clip_again(order, creator):
    job = order()
    services.cancel(creator, job)
    again = services.retry(creator, fresh(job), uuid4())
    assert words_of(again) == ["Slow dolly in", *FURTHER[:2]]
    assert again.rerun_of == job


def test_a_retry_plans_nothing_again_that_a_person_stopped(order, make, creator):
    job = make(order())
    second = parts_of(job)[1]
    services.stop_chain(creator, fresh(job).chain)
    services.cancel(creator, second)
    assert retry_of(fresh(second)).total == Decimal("0.60")
    assert words_of(services.retry(creator, fresh(second), uuid4())) == FURTHER[:1]


def test_a_retry_plans_no_part_again_that_a_person_cancelled(order, creator):
    job = order()
    services.cancel(creator, parts_of(job)[2])
    services.cancel(creator, fresh(job))
    assert states_of(job) == [State.CANCELLED] * 3
    assert words_of(services.retry(creator, fresh(job), uuid4())) == ["Slow dolly in", FURTHER[0]]


def test_a_part_whose_predecessor_is_deleted_is_not_retried_as_a_first_part(order, creator):
    job = order()
    services.cancel(creator, job)
    third = parts_of(job)[2]
    Job.objects.filter(pk=third.pk).update(extends=None)
    with pytest.raises(DomainError, match="no longer here"):
        services.retry(creator, fresh(third), uuid4())


def test_a_part_whose_predecessor_was_not_made_cannot_be_retried_before_it(order, creator):
    job = order()
    services.cancel(creator, job)
    third = parts_of(job)[2]
    with pytest.raises(DomainError, match="Retry that one first"):
        services.retry(creator, third, uuid4())


def test_every_hold_of_a_finished_chain_is_charged_once(order, make):
    job = order()
    for part in parts_of(job):
        make(part)
    kinds = list(LedgerEntry.objects.order_by("order", "pk").values_list("kind", flat=True))
    assert kinds == [Kind.HOLD, Kind.CHARGE] * 3


def test_a_single_saved_part_is_not_joined(team, project, job_in):
    chain = Chain.objects.create(team=team, project=project, join_at=timezone.now())
    part = job_in(State.SAVED, chain=chain, part=1)
    clip = a_clip(team, part)
    join_parts(chain)
    chain.refresh_from_db()
    assert (chain.join_at, chain.joined_parts, chain.fault) == (None, 1, "")
    assert list(Clip.objects.all()) == [clip]
