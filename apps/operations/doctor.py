"""Checks of an installation, each with a remedy; they change nothing."""

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

from apps.jobs.models import Heartbeat, Job, Lane, Output
from apps.jobs.states import State
from apps.operations.reseal import reseal_all
from apps.teams.models import User
from apps.teams.scoping import everywhere

GIB = 1024**3
LOW_DISK_BYTES = 5 * GIB
FULL_DISK_BYTES = GIB // 2
CONNECT_SECONDS = 5
OVERDUE = timedelta(minutes=2)
# The processes that report a heartbeat, with their work as docs/operations.md describes it.
PROCESSES = {"worker": "submits and polls jobs", "saver": "downloads clips"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: good (True), bad (False) or worth knowing (None)."""

    good: bool | None
    words: str
    remedy: str = ""


def examine() -> Iterator[tuple[str, Finding]]:
    """Yield the findings of every check with its name; a check that breaks stops no other."""
    for name, check in CHECKS.items():
        try:
            for finding in check():
                yield name, finding
        except Exception as fault:  # noqa: BLE001  # every fault becomes a finding
            yield name, Finding(False, f"could not be checked: {type(fault).__name__}: {fault}")


def is_ready() -> bool:
    """Whether pages can be answered: the database answers and has all migrations."""
    return all(finding.good is not False for finding in check_database())


def check_settings() -> Iterator[Finding]:
    """Run Django's own checks, and warn of the demo."""
    faults = checks.run_checks(include_deployment_checks=not settings.LOCAL)
    for fault in faults:
        if fault.level >= checks.WARNING and not fault.is_silenced():
            yield Finding(False, str(fault.msg), str(fault.hint or ""))
    if not faults:
        yield Finding(True, "no warnings")
    if settings.DEMO:
        yield Finding(
            None,
            "the demo is on: its passwords are published",
            "Unset MJWEB_DEMO where others can reach this installation.",
        )


def check_database() -> Iterator[Finding]:
    """Connect, and look for missing migrations."""
    connection.ensure_connection()
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield Finding(False, f"migrations are missing: {len(missing)}", "Run `manage.py migrate`.")
    else:
        yield Finding(True, f"{connection.vendor} answers, all migrations are applied")


def check_files() -> Iterator[Finding]:
    """Write a file, read it back and delete it."""
    name = default_storage.save(f"doctor/{uuid.uuid4()}", ContentFile(b"a sample"))
    try:
        with default_storage.open(name) as file:
            is_same = file.read() == b"a sample"
    finally:
        default_storage.delete(name)
    place = "the bucket" if settings.FILES_ARE_REMOTE else str(settings.MEDIA_ROOT)
    if is_same:
        yield Finding(True, f"{place} can be written and read")
    else:
        yield Finding(False, f"{place} returns another content than was written")


def check_disk() -> Iterator[Finding]:
    """Compare the free space of the data folder with what clips need."""
    free = shutil.disk_usage(settings.DATA_FOLDER).free
    words = f"{free / GIB:.1f} GB are free in {settings.DATA_FOLDER}"
    if free < FULL_DISK_BYTES:
        remedy = (
            "Free some space: clips cannot be saved, and vendors keep them for a few days only."
        )
        yield Finding(False, words, remedy)
    elif free < LOW_DISK_BYTES:
        yield Finding(None, words, "Free some space soon.")
    else:
        yield Finding(True, words)


def check_broker() -> Iterator[Finding]:
    """Connect to the broker."""
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=CONNECT_SECONDS)
    yield Finding(True, f"{broker.transport_cls} accepts messages")


def check_processes() -> Iterator[Finding]:
    """Compare the last heartbeat of each background process with now."""
    heartbeats = {heartbeat.name: heartbeat for heartbeat in Heartbeat.objects.all()}
    for name, work in PROCESSES.items():
        heartbeat = heartbeats.get(name)
        if heartbeat and heartbeat.is_alive:
            yield Finding(True, f"{name} is running")
            continue
        seen = "has never been seen"
        if heartbeat:
            seen = f"was last seen {heartbeat.beat_at:%Y-%m-%d %H:%M} UTC"
        remedy = "Start it and the scheduler; docs/operations.md has the commands."
        yield Finding(False, f"{name}, which {work}, {seen}", remedy)


def check_work() -> Iterator[Finding]:
    """Count the overdue and undecided work of all teams, and vendors that are out of order."""
    late = timezone.now() - OVERDUE
    with everywhere():
        open_lanes = Lane.objects.filter(paused_until=None)
        waiting = Job.objects.filter(
            state=State.QUEUED, next_step_at__lt=late, account__lane__in=open_lanes
        ).count()
        unsaved = Output.objects.filter(next_try_at__lt=late).count()
        unconfirmed = Job.objects.filter(state=State.UNCONFIRMED).count()
        broken = list(Lane.objects.exclude(paused_until=None).values_list("kind", flat=True))
    remedy = "Are the processes running? MJWEB_WORKER_SLOTS lets each do more at once."
    if waiting:
        yield Finding(False, f"jobs that should have been submitted: {waiting}", remedy)
    if unsaved:
        yield Finding(False, f"clips that should have been downloaded: {unsaved}", remedy)
    if unconfirmed:
        words = f"unconfirmed jobs, which the vendor may have accepted: {unconfirmed}"
        yield Finding(None, words, "People decide: the desk lists them.")
    for kind in broken:
        words = f"{kind} fails, and nothing is sent to it for a while"
        yield Finding(None, words, "`manage.py vendor_check` says more.")
    if not (waiting or unsaved or unconfirmed or broken):
        yield Finding(True, "nothing is overdue")


def check_keys() -> Iterator[Finding]:
    """Count stored secrets that no key opens, or that an older key sealed."""
    tallies = [tally for _place, tally in reseal_all(only_count=True)]
    unreadable = sum(one.unreadable for one in tallies)
    older = sum(one.resealed for one in tallies)
    if unreadable:
        remedy = "Put the key they were sealed with back into MJWEB_ENCRYPTION_KEYS."
        yield Finding(False, f"stored secrets that cannot be read: {unreadable}", remedy)
    if older:
        words = f"stored secrets that are sealed with older keys: {older}"
        yield Finding(None, words, "Run `manage.py reseal`.")
    if not (unreadable or older):
        yield Finding(True, "every stored secret is sealed with the newest key")


def check_secret_key() -> Iterator[Finding]:
    """Check that only its owner can read the secret key."""
    path = Path(settings.DATA_FOLDER) / "secret_key"
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        words = f"{path} can be read by others on this machine"
        yield Finding(False, words, f"Run `chmod 600 {path}`.")
    elif path.exists() or os.environ.get("MJWEB_SECRET_KEY"):
        yield Finding(True, "only its owner can read the secret key")


def check_mail() -> Iterator[Finding]:
    """Connect to the mail server."""
    if settings.EMAIL_IS_CONNECTED:
        with mail.get_connection(timeout=CONNECT_SECONDS):
            yield Finding(True, f"{settings.EMAIL_HOST} accepts mail")
    else:
        words = "no mail server is connected: nobody can reset a password"
        yield Finding(None, words, "Set MJWEB_EMAIL_URL.")


def check_people() -> Iterator[Finding]:
    """Look for a first owner and an operator."""
    if not User.objects.exists():
        remedy = "`manage.py welcome` prints a link for the first owner."
        yield Finding(None, "nobody has an account yet", remedy)
    elif not User.objects.filter(is_active=True, is_superuser=True).exists():
        yield Finding(None, "there is no operator", "`manage.py createsuperuser` makes one.")
    else:
        yield Finding(True, "there is an operator")


CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "settings": check_settings,
    "database": check_database,
    "files": check_files,
    "disk": check_disk,
    "secrets": check_secret_key,
    "keys": check_keys,
    "broker": check_broker,
    "processes": check_processes,
    "work": check_work,
    "mail": check_mail,
    "people": check_people,
}
