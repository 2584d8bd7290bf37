"""Installations of older versions, brought back to life as the default database."""

import gzip
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import dj_database_url
import psycopg
from django.db import connection, connections
from django.db.utils import load_backend

from tests.support.database import template_path
from tests.support.local_services import POSTGRES

HERE = Path(__file__).parent
SQLITE_FILE = "db.sqlite3"


def unpack_media(version: str, folder: Path) -> Path:
    """Unpack the stored files of an installation, and return their folder."""
    with tarfile.open(HERE / version / "media.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "media"


@contextmanager
def sqlite_of(version: str, folder: Path) -> Iterator[str]:
    """Give the address of a SQLite database as that version left it.

    Where an earlier run has upgraded it by the same migrations, it is a copy of the result: the
    upgrade takes fifteen seconds.
    """
    path = folder / SQLITE_FILE
    with closing(sqlite3.connect(path)) as database:
        if (kept := _upgraded_path(version)).exists():
            with closing(sqlite3.connect(kept)) as upgraded:
                upgraded.backup(database)
        else:
            database.executescript(_dump(version, "sqlite"))
    yield f"sqlite:///{path}"


def keep_upgraded(version: str, folder: Path) -> None:
    """Keep the upgraded SQLite database for later runs with the same migrations."""
    kept = _upgraded_path(version)
    if kept.exists() or not (folder / SQLITE_FILE).exists():
        return
    unfinished = kept.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(folder / SQLITE_FILE)) as upgraded,
        closing(sqlite3.connect(unfinished)) as copy,
    ):
        upgraded.backup(copy)
    unfinished.rename(kept)


def _upgraded_path(version: str) -> Path:
    dump = sha256(_dump(version, "sqlite").encode()).hexdigest()[:8]
    template = template_path()
    return template.with_name(f"{template.stem}-from-{version}-{dump}.sqlite3")


@contextmanager
def postgresql_of(version: str, _folder: Path) -> Iterator[str]:
    """Give the address of a PostgreSQL database as that version left it."""
    name = f"mjweb_upgrade_{os.getpid()}"
    address = urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(address) as database:
                database.execute(_dump(version, "postgresql"))
            yield address
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _dump(version: str, vendor: str) -> str:
    return gzip.decompress((HERE / version / f"{vendor}.sql.gz").read_bytes()).decode()


@contextmanager
def as_default_database(address: str) -> Iterator[None]:
    """Let every query of this thread go to another database for a while."""
    usual = connections["default"]
    chosen = connection.copy().settings_dict | dj_database_url.parse(address)
    connections["default"] = load_backend(chosen["ENGINE"]).DatabaseWrapper(chosen, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual
