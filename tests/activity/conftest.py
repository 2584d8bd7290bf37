"""People, jobs and clips to be told of, and the round that tells."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from apps.activity.models import Notice
from apps.activity.visibility import install_directory
from apps.activity.workers.fan_out import fan_out
from apps.core.events import record
from apps.jobs.states import State
from apps.projects.queries import ProjectDirectory
from apps.teams.models import Member
from apps.teams.roles import Role
from apps.teams.scoping import everywhere, within
from tests.support.factories import a_clip, a_job


def run_fan_out(now=None):
    """One round."""
    with everywhere():
        return fan_out(now or timezone.now())


def ordered_job(member, state=State.SAVING, **fields):
    """A job of this member's, as far as `state`, whose order is written down."""
    job = a_job(member.team, state, clips=0, created_by=member.user, **fields)
    with within(member.team):
        record("ordered", job, actor=member.user)
    return job


def save_clip(job):
    """The job's clip has come home."""
    with within(job.team):
        clip = a_clip(job.team, job)
        assert job.move(State.SAVED)
    return clip


def topics(member, **narrowed):
    """What this person is told, oldest first."""
    with within(member.team):
        return list(
            Notice.objects.of(member)
            .filter(**narrowed)
            .order_by("pk")
            .values_list("topic", flat=True)
        )


@pytest.fixture
def mail_server(settings):
    """Give an installation that can send mail."""
    settings.EMAIL_IS_CONNECTED = True


NOON = datetime(2030, 3, 1, 12, 10, tzinfo=UTC)


class OwnersAlone(ProjectDirectory):
    """A directory in which every project is private, with the owners on its list."""

    def who_may_hear(self, teams, projects):
        owners = Member.objects.filter(team__in=teams, role=Role.OWNER).values_list("pk", flat=True)
        everybody = Member.objects.filter(team__in=teams).values_list("pk", flat=True)
        return set(everybody), {project: frozenset(owners) for project in projects}


@pytest.fixture
def private_for_owners():
    """Make every project private, with only the owners on its list."""
    install_directory(OwnersAlone())
    yield
    install_directory(ProjectDirectory())
