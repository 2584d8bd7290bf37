"""Installations of older versions, brought back to life as the default database."""

import gzip
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import dj_database_url
import psycopg
from django.db import connection, connections
from django.db.utils import load_backend

from tests.services import POSTGRES

HERE = Path(__file__).parent


def unpack_media(version: str, folder: Path) -> Path:
    """Unpack the stored files of an installation, and return their folder."""
    with tarfile.open(HERE / version / "media.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "media"


@contextmanager
def sqlite_of(version: str, folder: Path) -> Iterator[str]:
    """Give the address of a SQLite database as that version left it."""
    path = folder / "db.sqlite3"
    database = sqlite3.connect(path)
    database.executescript(_dump(version, "sqlite"))
    database.close()
    yield f"sqlite:///{path}"


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
