"""A full disk, and a full database: really full, said clearly, and nothing kept by halves."""

import errno
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test import AsyncClient, Client
from django.urls import path, reverse
from pytest_django.asserts import assertContains

from apps.core.disk_full import is_disk_full
from apps.projects.models import Image, Project
from apps.teams.scoping import within
from mjweb.urls import handler500
from mjweb.urls import urlpatterns as pages
from tests.support.factories import a_picture, a_project, client_of


def finds_none(_request):
    raise OSError(errno.ENOSPC, "No space left on device")


__all__ = ["handler500"]  # read by Django, as mjweb.urls is
urlpatterns = [*pages, path("full/", finds_none)]
FULL = Path("/dev/full")
NO_LIMIT = 2**30
on_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite's own limit makes it full"
)
on_linux = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")


def full_at(name: str) -> Path:
    """Let there be no room where this file is going to be written."""
    place = Path(default_storage.path(name))
    place.parent.mkdir(parents=True)
    place.symlink_to(FULL)
    return place


@on_linux
@pytest.mark.django_db
@pytest.mark.usefixtures("local_files")
def test_a_picture_that_finds_no_room_is_told_next_to_its_field_and_leaves_nothing(creator):
    project, data = a_project(creator.team), a_picture()
    place = full_at(
        f"images/{creator.team.public_id}/{project.public_id}/{sha256(data).hexdigest()}.jpg"
    )
    form = {"pictures": SimpleUploadedFile("heron.jpg", data), "address": ""}
    answer = client_of(creator).post(reverse("projects:upload", args=[project.public_id]), form)
    assertContains(
        answer,
        "heron.jpg: The server&#x27;s disk is full.",
        status_code=422,
    )
    assert not place.is_symlink()
    with within(creator.team):
        assert not Image.objects.exists()


@on_linux
@pytest.mark.usefixtures("local_files")
def test_no_file_is_kept_by_halves():
    place = full_at("clips/one.mp4")
    with pytest.raises(OSError, match="No space left") as fault:
        default_storage.save("clips/one.mp4", ContentFile(b"the beginning"))
    assert is_disk_full(fault.value)
    assert not place.is_symlink()


@pytest.fixture
def full_database(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        yield
        cursor.execute(f"PRAGMA max_page_count = {NO_LIMIT}")


LONG = {"name": "Heron", "brief": "x" * 200_000}


def post(browser: Client, **headers: str):
    browser.raise_request_exception = False
    return browser.post(reverse("projects:create"), LONG, headers=headers)


@on_sqlite
@pytest.mark.usefixtures("full_database")
def test_a_full_database_is_told_on_a_page_and_keeps_nothing(creator):
    answer = post(client_of(creator))
    assertContains(
        answer, "Go back and try again. What you typed should still be there.", status_code=507
    )
    assert answer["Content-Security-Policy"]
    with within(creator.team):
        assert not Project.objects.exists()


@on_sqlite
@pytest.mark.usefixtures("full_database")
def test_a_form_that_stays_on_its_page_is_told_by_a_toast(creator):
    answer = post(client_of(creator), hx_request="true")
    assertContains(
        answer,
        "The server&#x27;s disk is full.",
        status_code=507,
    )
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#toasts", "beforeend")
    assert b"<html" not in answer.content


@on_sqlite
def test_when_there_is_room_again_everything_goes_on(full_database, creator):
    browser = client_of(creator)
    assert post(browser).status_code == 507
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {NO_LIMIT}")
    assert post(browser).status_code == 302


@pytest.mark.urls(__name__)
def test_a_disk_full_under_asgi_is_told_as_well():
    answer = async_to_sync(AsyncClient(raise_request_exception=False).get)("/full/")
    assert answer.status_code == 507
    assert "disk is full" in answer.content.decode()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own code for it")
@pytest.mark.django_db
def test_postgresql_says_so_by_its_code():
    with pytest.raises(DatabaseError) as fault, connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE disk_full; END $$")
    assert is_disk_full(fault.value)


def test_a_database_that_finds_no_room_even_to_be_opened_says_so_too():
    fault = sqlite3.OperationalError("disk I/O error")
    fault.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert is_disk_full(fault)


@pytest.mark.parametrize(
    "fault", [OSError(errno.EACCES, "no"), ValueError("database or disk is full"), None]
)
def test_other_database_errors_are_no_full_disk(fault):
    assert not is_disk_full(fault)
