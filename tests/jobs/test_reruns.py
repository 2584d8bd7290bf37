"""A job that is ordered again names the job it repeats, in its own project alone."""

from uuid import uuid4

import pytest

from apps.jobs import services
from apps.jobs.states import State
from tests.support.factories import a_project, an_image

pytestmark = pytest.mark.django_db


@pytest.fixture
def reorder(creator, image, account, job_in):
    def order(**changes):
        given = {"image": image, "account": account, "text": "Pan", "parameters": {}}
        request = services.OrderRequest(
            idempotency_key=uuid4(), rerun_of=job_in(State.SAVED), **given | changes
        )
        return services.order(creator, request)

    return order


def test_a_rerun_in_the_same_project_names_the_job_it_repeats(reorder):
    assert reorder().rerun_of.state == State.SAVED


def test_a_rerun_in_another_project_names_no_job_of_the_first(reorder, team):
    elsewhere = an_image(team, a_project(team))
    assert reorder(image=elsewhere).rerun_of is None
