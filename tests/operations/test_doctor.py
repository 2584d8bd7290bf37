from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from apps.jobs.models import Heartbeat, Job
from apps.jobs.states import State
from apps.operations.doctor import examine, is_ready
from tests.support.factories import a_job, a_user, an_account

pytestmark = pytest.mark.django_db


def findings_of(part: str) -> list:
    return [finding for name, finding in examine() if name == part]


def doctor_output() -> tuple[str, int]:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    return out.getvalue(), ended.value.code


@pytest.fixture
def at_work(db):
    for name in ("worker", "saver"):
        Heartbeat.objects.create(name=name, beat_at=timezone.now())


def test_each_part_of_the_installation_is_checked(at_work):
    parts = {name for name, _finding in examine()}
    assert parts >= {
        "settings",
        "database",
        "files",
        "disk",
        "keys",
        "broker",
        "processes",
        "work",
        "mail",
        "people",
    }


def test_a_healthy_part_is_reported_as_good(at_work):
    for part in ("database", "files", "broker", "processes", "work", "keys"):
        assert {finding.good for finding in findings_of(part)} == {True}, part


def test_a_missing_process_is_reported_with_its_remedy(db):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(minutes=5))
    worker, saver = findings_of("processes")
    assert (worker.good, saver.good) == (False, False)
    assert "was last seen" in worker.words
    assert "never been seen" in saver.words
    assert "docs/operations.md" in worker.remedy


def test_missing_migrations_are_reported_and_make_the_server_unready(db):
    assert is_ready()
    MigrationRecorder(connection).record_unapplied("reviews", "0003_decisions_on_clips")
    assert not is_ready()
    assert findings_of("database")[0].remedy == "Run `manage.py migrate`."


def test_overdue_orders_are_reported(team):
    job = a_job(team, State.QUEUED)
    Job._base_manager.filter(pk=job.pk).update(next_step_at=timezone.now() - timedelta(hours=1))
    (finding,) = findings_of("work")
    assert finding.words == "jobs that should have been submitted: 1"


def test_unreadable_keys_are_reported_without_their_text(team, settings):
    settings.ENCRYPTION_KEYS = ["lost"]
    account = an_account(team)
    settings.ENCRYPTION_KEYS = ["new"]
    (finding,) = findings_of("keys")
    assert finding.good is False
    assert account.sealed_key not in finding.words


def test_a_check_that_breaks_is_a_finding_and_stops_no_other(settings, at_work, tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    settings.FILES_ARE_REMOTE = False
    settings.STORAGES = settings.STORAGES | {"default": settings.LOCAL_STORAGE}
    settings.MEDIA_ROOT = blocked
    (finding,) = findings_of("files")
    assert finding.good is False
    assert "could not be checked" in finding.words
    assert findings_of("people")


def test_a_silent_mail_server_is_reported(settings):
    settings.EMAIL_IS_CONNECTED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert findings_of("mail")[0].good is False


def test_an_empty_installation_is_reported_with_the_way_to_its_first_owner(db):
    assert "welcome" in findings_of("people")[0].remedy
    a_user(is_superuser=True)
    assert findings_of("people")[0].good is True


def test_the_command_ends_with_exit_code_1_when_something_is_wrong(db):
    told, code = doctor_output()
    assert code == 1
    assert "✗ processes" in told
    assert "→ Start it" in told
