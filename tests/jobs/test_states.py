from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction

from apps.activity.models import Event
from apps.core.errors import DomainError
from apps.jobs.models import Job
from apps.jobs.states import ENDED, FINAL, IN_FLIGHT, LATE, MOVES, MOVING, TROUBLED, State

pytestmark = pytest.mark.django_db


def test_every_state_has_its_row_in_the_table():
    assert set(MOVES) == set(State)
    assert FINAL == {State.SAVED, State.MODERATED, State.FAILED, State.CANCELLED}
    assert {State.SAVED} | ENDED == FINAL
    assert not MOVING & FINAL
    assert IN_FLIGHT <= MOVING
    assert TROUBLED <= set(State)


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_job_goes_on_only_to_the_vendor_or_to_saving(state):
    assert MOVES[state] == LATE == {State.AT_VENDOR, State.SAVING}


@pytest.mark.parametrize("state", sorted(set(State) - {State.QUEUED}))
def test_only_a_queued_job_is_submitted(state):
    assert State.SUBMITTING not in MOVES[state]


def test_only_new_unsent_and_resubmitted_jobs_are_queued():
    back = {state for state in State if State.QUEUED in MOVES[state]}
    assert back == {State.PLANNED, State.SUBMITTING, State.UNCONFIRMED}


def test_every_state_can_be_reached_from_planned():
    reached, new = set(), {State.PLANNED}
    while new:
        reached |= new
        new = {onward for state in new for onward in MOVES[state]} - reached
    assert reached == set(State)


@pytest.mark.parametrize("state", State)
def test_a_job_makes_no_move_that_is_not_in_the_table(job_in, state):
    job = job_in(state)
    for to in set(State) - MOVES[state]:
        with pytest.raises(DomainError, match="cannot become"):
            job.move(to)


def test_of_two_workers_only_one_moves_the_job(job_in):
    job = job_in(State.AT_VENDOR)
    mine, yours = Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk)
    assert mine.move(State.SAVING) is True
    assert yours.move(State.FAILED) is False
    assert yours.state == State.SAVING
    assert Event.objects.filter(subject_id=job.public_id, verb="moved").count() == 1


def test_a_move_and_its_event_are_both_true_or_neither(job_in):
    job = job_in(State.QUEUED)
    with suppress(RuntimeError), transaction.atomic():
        job.move(State.SUBMITTING)
        raise RuntimeError
    job.refresh_from_db()
    assert job.state == State.QUEUED
    assert not Event.objects.filter(subject_id=job.public_id, facts__to="submitting").exists()


def test_the_database_knows_the_states_too(job_in):
    job = job_in(State.QUEUED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="lost")


def test_one_vendor_job_belongs_to_one_job(job_in):
    first, second = job_in(State.AT_VENDOR), job_in(State.AT_VENDOR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=second.pk).update(vendor_job_id=first.vendor_job_id)
