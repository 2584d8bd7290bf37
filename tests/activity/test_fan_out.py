"""Who is told of what, through the round that workers run."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone

from apps.activity.models import Event, FanOutCursor, Notice
from apps.activity.services import save_preferences
from apps.activity.tasks import dispatch_round
from apps.activity.workers.fan_out import SETTLED_AFTER
from apps.budgets.services import hold
from apps.clips.states import Verdict
from apps.core.events import record
from apps.jobs.models.lanes import CIRCUIT_OPENS_AFTER
from apps.jobs.states import State
from apps.reviews.services import decide, take_back
from apps.teams.scoping import everywhere, within
from apps.teams.states import TeamStatus
from tests.activity.conftest import ordered_job, run_fan_out, save_clip, topics
from tests.support.factories import a_budget, a_member, a_purchase, an_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]


def test_a_saved_clip_notifies_its_author_and_the_reviewers(creator, reviewer, viewer):
    save_clip(ordered_job(creator))
    run_fan_out()
    assert topics(creator) == ["saved"]
    assert topics(reviewer) == ["to_decide"]
    assert topics(viewer) == []


@pytest.mark.parametrize("state", [State.FAILED, State.MODERATED, State.UNCONFIRMED])
def test_a_failed_job_notifies_its_author(creator, owner, state):
    job = ordered_job(creator, State.SUBMITTING)
    with within(creator.team):
        job.move(state)
    run_fan_out()
    assert topics(creator) == [str(state)]
    assert topics(owner) == []


@pytest.mark.parametrize(
    ("verdict", "heard"), [(Verdict.APPROVED, "approved"), (Verdict.CHANGES, "changes")]
)
def test_a_decision_notifies_the_author_and_not_the_reviewer(creator, reviewer, verdict, heard):
    clip = save_clip(ordered_job(creator))
    with within(creator.team):
        decide(reviewer, clip, verdict, "Slower, please.")
    run_fan_out()
    assert topics(creator) == ["saved", heard]
    assert topics(reviewer) == ["to_decide"]


def test_a_withdrawn_decision_notifies_nobody(creator, reviewer):
    clip = save_clip(ordered_job(creator))
    with within(creator.team):
        decide(reviewer, clip, Verdict.APPROVED)
        clip.refresh_from_db()
        take_back(reviewer, clip)
    run_fan_out()
    assert topics(creator) == ["saved", "approved"]


def test_nobody_is_notified_of_their_own_action(reviewer):
    clip = save_clip(ordered_job(reviewer))
    with within(reviewer.team):
        decide(reviewer, clip, Verdict.APPROVED)
    run_fan_out()
    assert topics(reviewer) == ["saved"]


def test_another_team_is_not_notified(creator, stranger):
    save_clip(ordered_job(creator))
    run_fan_out()
    assert topics(stranger) == []


def test_an_event_fanned_out_twice_notifies_once(creator):
    save_clip(ordered_job(creator))
    assert run_fan_out() > 0
    assert run_fan_out() == 0
    with everywhere():
        # as if a worker had died before it could write so down
        FanOutCursor.objects.update(done_up_to=0, done_above=[])
    run_fan_out()
    assert topics(creator) == ["saved"]


def test_an_event_that_commits_late_is_fanned_out_too(creator):
    save_clip(ordered_job(creator))
    run_fan_out()
    with everywhere():
        late = Event.objects.order_by("-pk").first()
        row = FanOutCursor.objects.get()
        row.done_above.remove(late.pk)
        row.save()
        Notice.objects.all().delete()
    run_fan_out()
    assert topics(creator) == ["saved"]


def test_settled_events_are_kept_as_one_number(creator):
    save_clip(ordered_job(creator))
    run_fan_out()
    assert FanOutCursor.objects.get().done_above
    run_fan_out(timezone.now() + SETTLED_AFTER + timedelta(seconds=1))
    row = FanOutCursor.objects.get()
    with everywhere():
        assert (row.done_up_to, row.done_above) == (Event.objects.order_by("-pk").first().pk, [])


def test_a_quiet_round_costs_two_queries(creator, django_assert_num_queries):
    save_clip(ordered_job(creator))
    run_fan_out()
    run_fan_out(timezone.now() + SETTLED_AFTER + timedelta(seconds=1))
    with django_assert_num_queries(2):
        run_fan_out()


def test_many_events_cost_as_few_queries_as_one(creator, reviewer, django_assert_max_num_queries):
    save_clip(ordered_job(creator))
    with django_assert_max_num_queries(16) as few:
        run_fan_out()
    for _ in range(5):
        save_clip(ordered_job(creator))
    with django_assert_max_num_queries(len(few)):
        run_fan_out()
    assert topics(creator) == ["saved"] * 6


def test_two_rounds_at_once_notify_once(creator):
    save_clip(ordered_job(creator))
    run_fan_out()
    now = timezone.now()
    with everywhere():
        FanOutCursor.objects.update(done_up_to=0, done_above=[], claimed_until=now + settings.CLAIM)
    assert run_fan_out(now) == 0


def test_a_topic_that_is_turned_off_makes_no_notice(creator):
    with within(creator.team):
        save_preferences(creator, {"saved": (False, "never")})
    save_clip(ordered_job(creator))
    run_fan_out()
    assert topics(creator) == []


def test_nobody_is_notified_of_a_project_hidden_from_them(owner, reviewer, private_for_owners):
    save_clip(ordered_job(a_member(owner.team)))
    run_fan_out()
    assert topics(owner) == ["to_decide"]
    assert topics(reviewer) == []


def test_a_notice_is_hidden_with_its_project(creator):
    job = ordered_job(creator)
    save_clip(job)
    run_fan_out()
    with within(creator.team, hidden={job.project_id}):
        assert not Notice.objects.of(creator).exists()


def test_a_suspended_team_is_not_notified(creator):
    save_clip(ordered_job(creator))
    creator.team.status = TeamStatus.SUSPENDED
    creator.team.save()
    run_fan_out()
    assert topics(creator) == []


def test_producers_are_notified_once_when_a_budget_warns_and_once_when_it_is_used_up(
    producer, creator
):
    a_budget(producer.team, limit_usd=Decimal(10), warn_percent=80)
    with within(producer.team):
        for usd in ("5", "3.50", "0.50", "1"):
            hold(a_purchase(producer.team), Decimal(usd))
    run_fan_out()
    assert topics(producer) == ["budget_warned", "budget_stopped"]
    assert topics(creator) == []


def test_owners_of_each_team_with_the_key_are_notified_once_when_its_vendor_fails(
    owner, creator, stranger
):
    account = an_account(owner.team)
    other = an_account(stranger.team)
    with everywhere():
        type(other).objects.filter(pk=other.pk).update(lane=account.lane)
        for _ in range(CIRCUIT_OPENS_AFTER + 2):
            account.lane.record_failure("503 from the vendor")
        account.lane.record_success()
    run_fan_out()
    assert topics(owner) == topics(stranger) == ["account_broken"]
    assert topics(creator) == []
    with within(owner.team):
        assert list(Event.objects.order_by("pk").values_list("verb", "subject_kind")) == [
            ("broke", "account"),
            ("recovered", "account"),
        ]


def test_a_person_is_notified_of_their_new_role(owner, viewer, creator):
    with within(owner.team):
        record("role_changed", viewer, actor=owner.user, role="creator")
    run_fan_out()
    assert topics(viewer) == ["role_changed"]
    assert topics(creator) == []


@pytest.mark.parametrize("name", ["member", "who"])
def test_a_person_added_to_a_private_project_is_notified(owner, viewer, name):
    job = ordered_job(owner)
    said = {"member": str(viewer.public_id)} if name == "member" else {"who": [viewer.user_id]}
    with within(owner.team):
        record("let_in", job.project, actor=owner.user, **said)
    run_fan_out()
    assert topics(viewer) == ["let_in"]
    assert topics(a_member(owner.team)) == []


def test_the_periodic_task_fans_out(creator):
    a_member(creator.team)
    save_clip(ordered_job(creator))
    dispatch_round()
    assert topics(creator) == ["saved"]
