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


def test_each_part_of_the_house_is_looked_at(at_work):
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


def test_what_is_well_is_said_to_be_well(at_work):
    for part in ("database", "files", "broker", "processes", "work", "keys"):
        assert {finding.good for finding in findings_of(part)} == {True}, part


def test_a_process_that_is_gone_is_missed_with_the_way_to_mend_it(db):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(minutes=5))
    worker, saver = findings_of("processes")
    assert (worker.good, saver.good) == (False, False)
    assert "was last seen" in worker.words
    assert "never been seen" in saver.words
    assert "docs/operations.md" in worker.remedy


def test_missing_migrations_are_told_and_make_it_unready(db):
    assert is_ready()
    MigrationRecorder(connection).record_unapplied("reviews", "0003_decisions_on_clips")
    assert not is_ready()
    assert findings_of("database")[0].remedy == "Run `manage.py migrate`."


def test_orders_that_nobody_takes_up_are_told(team):
    job = a_job(team, State.QUEUED)
    Job._base_manager.filter(pk=job.pk).update(next_step_at=timezone.now() - timedelta(hours=1))
    (finding,) = findings_of("work")
    assert finding.words == "jobs that should have been submitted: 1"


def test_unreadable_keys_are_told_without_a_word_of_them(team, settings):
    settings.ENCRYPTION_KEYS = ["lost"]
    account = an_account(team)
    settings.ENCRYPTION_KEYS = ["new"]
    (finding,) = findings_of("keys")
    assert finding.good is False
    assert account.sealed_key not in finding.words


def test_what_cannot_be_examined_is_ill_and_stops_nothing(settings, at_work, tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    settings.FILES_ARE_REMOTE = False
    settings.STORAGES = settings.STORAGES | {"default": settings.LOCAL_STORAGE}
    settings.MEDIA_ROOT = blocked
    (finding,) = findings_of("files")
    assert finding.good is False
    assert "could not be checked" in finding.words
    assert findings_of("people")


def test_a_mail_server_that_does_not_answer_is_told(settings):
    settings.EMAIL_IS_CONNECTED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert findings_of("mail")[0].good is False


def test_an_empty_installation_is_told_how_the_first_owner_comes_in(db):
    assert "welcome" in findings_of("people")[0].remedy
    a_user(is_superuser=True)
    assert findings_of("people")[0].good is True


def test_the_command_ends_with_a_code_that_a_script_can_read(db):
    told, code = doctor_output()
    assert code == 1
    assert "✗ processes" in told
    assert "→ Start it" in told
