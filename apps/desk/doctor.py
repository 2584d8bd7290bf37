"""What is wrong with this installation, and how to mend it: examined, never changed."""

import os
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core import checks, mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from apps.desk.keys import every_tally
from apps.jobs.models import Clip, Job, Lane, Pulse
from apps.jobs.states import State
from apps.teams.models import User
from apps.teams.scoping import everywhere

GIB = 1024**3
LITTLE, TOO_LITTLE = 5 * GIB, GIB // 2  # free bytes on the disk of the data
SECONDS = 5  # to wait for somebody else's server
OVERDUE = timedelta(minutes=2)
# Which of our own processes does what, in the words of docs/operations.md.
PROCESSES = {"worker": "orders and follows jobs", "saver": "brings clips home"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: well (True), ill (False), or worth knowing (None), and what to do."""

    good: bool | None
    words: str
    remedy: str = ""


def examine() -> Iterator[tuple[str, Finding]]:
    """Look at everything, one after the other; what can't be examined is ill, and stops nothing else."""
    for part, look in EXAMINATIONS.items():
        try:
            for finding in look():
                yield part, finding
        except Exception as fault:  # noqa: BLE001  # whatever is broken is what we are here to tell
            yield part, Finding(False, f"could not be examined: {type(fault).__name__}: {fault}")


def is_ready() -> bool:
    """Whether pages can be answered: the database is there, and of this version."""
    return all(finding.good is not False for finding in _database())


def _settings() -> Iterator[Finding]:
    faults = checks.run_checks(include_deployment_checks=not settings.LOCAL)
    for fault in (one for one in faults if one.level >= checks.WARNING and not one.is_silenced()):
        yield Finding(False, str(fault.msg), str(fault.hint or ""))
    if not faults:
        yield Finding(True, "nothing to object to")
    if settings.DEMO:
        yield Finding(
            None,
            "the demo is on: its passwords are published",
            "Unset MJWEB_DEMO where others can reach it.",
        )


def _database() -> Iterator[Finding]:
    connection.ensure_connection()
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield Finding(False, f"migrations are missing: {len(missing)}", "Run `manage.py migrate`.")
    else:
        yield Finding(True, f"{connection.vendor} answers, all migrations are applied")


def _files() -> Iterator[Finding]:
    name = default_storage.save(f"doctor/{uuid.uuid4()}", ContentFile(b"a sample"))
    try:
        with default_storage.open(name) as file:
            same = file.read() == b"a sample"
    finally:
        default_storage.delete(name)
    where = "the bucket" if settings.FILES_ARE_REMOTE else str(settings.MEDIA_ROOT)
    yield Finding(
        same, f"{where} can be written and read" if same else f"{where} gives back something else"
    )


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_FOLDER).free
    words = f"{free / GIB:.1f} GB are free in {settings.DATA_FOLDER}"
    if free < TOO_LITTLE:
        yield Finding(
            False,
            words,
            "Make room: clips can't be saved, and vendors keep them for some days only.",
        )
    else:
        yield Finding(
            None if free < LITTLE else True, words, "Make room soon." if free < LITTLE else ""
        )


def _broker() -> Iterator[Finding]:
    with current_app.connection_for_write() as line:
        line.ensure_connection(max_retries=1, timeout=SECONDS)
    yield Finding(True, f"{line.transport_cls} takes messages")


def _processes() -> Iterator[Finding]:
    pulses = {pulse.name: pulse for pulse in Pulse.objects.all()}
    for name, work in PROCESSES.items():
        pulse = pulses.get(name)
        if pulse and pulse.is_alive:
            yield Finding(True, f"{name} is at work")
            continue
        seen = (
            f"was last seen {pulse.beat_at:%Y-%m-%d %H:%M} UTC" if pulse else "has never been seen"
        )
        remedy = "Start it and the scheduler; docs/operations.md has the commands."
        yield Finding(False, f"{name}, which {work}, {seen}", remedy)


def _work() -> Iterator[Finding]:
    late = timezone.now() - OVERDUE
    with everywhere():
        open_lanes = Lane.objects.filter(closed_until=None)
        waiting = Job.objects.filter(
            state=State.QUEUED, next_step_at__lt=late, account__lane__in=open_lanes
        ).count()
        unsaved = Clip.objects.to_come().filter(next_step_at__lt=late).count()
        unsure = Job.objects.filter(state=State.UNCONFIRMED).count()
        broken = list(Lane.objects.exclude(closed_until=None).values_list("kind", flat=True))
    for count, what in (
        (waiting, "orders that wait longer than they should"),
        (unsaved, "clips that wait to be saved"),
    ):
        if count:
            yield Finding(
                False,
                f"{what}: {count}",
                "Are the processes at work? MJWEB_WORKER_SLOTS gives them more hands.",
            )
    if unsure:
        yield Finding(
            None,
            f"orders that may or may not have arrived: {unsure}",
            "People decide: the desk shows them.",
        )
    for kind in broken:
        yield Finding(
            None,
            f"{kind} is out of order and left alone for a while",
            "`manage.py vendor_check` says more.",
        )
    if not (waiting or unsaved or unsure or broken):
        yield Finding(True, "nothing is overdue")


def _keys() -> Iterator[Finding]:
    tallies = [tally for _where, tally in every_tally(only_count=True)]
    unreadable = sum(one.unreadable for one in tallies)
    older = sum(one.resealed for one in tallies)
    if unreadable:
        remedy = "Put the key they were sealed with back into MJWEB_ENCRYPTION_KEYS."
        yield Finding(False, f"stored secrets that can't be read: {unreadable}", remedy)
    if older:
        yield Finding(
            None,
            f"stored secrets that are sealed with older keys: {older}",
            "Run `manage.py reseal`.",
        )
    if not (unreadable or older):
        yield Finding(True, "every stored secret is sealed with the newest key")


def _secrets() -> Iterator[Finding]:
    kept = Path(settings.DATA_FOLDER) / "secret_key"
    if kept.exists() and stat.S_IMODE(kept.stat().st_mode) & 0o077:
        yield Finding(
            False, f"{kept} can be read by others on this machine", f"Run `chmod 600 {kept}`."
        )
    elif kept.exists() or os.environ.get("MJWEB_SECRET_KEY"):
        yield Finding(True, "the secret key is nobody else's to read")


def _mail() -> Iterator[Finding]:
    if not settings.EMAIL_IS_CONNECTED:
        yield Finding(
            None, "no mail server is connected: nobody can reset a password", "Set MJWEB_EMAIL_URL."
        )
        return
    with mail.get_connection(timeout=SECONDS):
        yield Finding(True, f"{settings.EMAIL_HOST} takes our mail")


def _people() -> Iterator[Finding]:
    if not User.objects.exists():
        yield Finding(
            None, "nobody is here yet", "`manage.py welcome` prints a link for the first owner."
        )
    elif not User.objects.filter(is_active=True, is_superuser=True).exists():
        yield Finding(None, "there is no operator", "`manage.py createsuperuser` makes one.")
    else:
        yield Finding(True, "there is an operator")


EXAMINATIONS: dict[str, Callable[[], Iterator[Finding]]] = {
    "settings": _settings,
    "database": _database,
    "files": _files,
    "disk": _disk,
    "secrets": _secrets,
    "keys": _keys,
    "broker": _broker,
    "processes": _processes,
    "work": _work,
    "mail": _mail,
    "people": _people,
}
