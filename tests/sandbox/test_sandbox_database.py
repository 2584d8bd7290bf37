"""A data folder of an earlier version opens, with everything in it."""

import json
import sqlite3

from apps.sandbox.database import Database
from apps.sandbox.key_value import KeyValueStore
from apps.sandbox.store import Store

# The tables of commit 12a70d4, as far as they had other names.
LAYOUT_2 = """
CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    contract TEXT NOT NULL CHECK (contract IN ('wavespeed', 'comet')),
    mark TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    born REAL NOT NULL,
    base TEXT NOT NULL,
    input TEXT NOT NULL,
    wish TEXT NOT NULL,
    clips INTEGER NOT NULL DEFAULT 1,
    hook TEXT NOT NULL DEFAULT '',
    faults TEXT NOT NULL DEFAULT '[]',
    status TEXT NOT NULL DEFAULT 'created' CHECK (status IN (
        'created', 'processing', 'completed', 'failed', 'cancelled', 'timeout', 'deleted', 'modal'
    )),
    started_ns INTEGER NOT NULL DEFAULT 0,
    ended_ns INTEGER NOT NULL DEFAULT 0,
    inference_ms INTEGER NOT NULL DEFAULT 0,
    nsfw TEXT NOT NULL DEFAULT '[]',
    code INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    forgotten INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX orders_by_status ON orders (status);
CREATE INDEX orders_by_contract ON orders (contract, born);
CREATE TABLE money (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')),
    usd TEXT NOT NULL,
    UNIQUE (job_id, kind)
) STRICT;
CREATE TABLE calls (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES orders (id),
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    due REAL NOT NULL,
    done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX calls_to_make ON calls (due) WHERE done = 0;
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    born REAL NOT NULL,
    arrived INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE bites (
    victim TEXT NOT NULL, fault TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (victim, fault)
) STRICT, WITHOUT ROWID;
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO orders (id, contract, mark, created_ns, born, base, input, wish, hook, faults)
VALUES ('job-1', 'wavespeed', 'https://a.test/1.png', 1, 2.0, 'http://sandbox', '{"image": "a"}',
        '{"prompt": "drift", "seed": 7}', 'https://a.test/hook',
        '[{"name": "late", "said": {"seconds": "5"}, "by_rate": false}]');
INSERT INTO money (job_id, kind, usd) VALUES ('job-1', 'charge', '0.15');
INSERT INTO calls (job_id, status, kind, due) VALUES ('job-1', 'completed', 'honest', 9.0);
INSERT INTO uploads VALUES ('upload-1', 'a.png', 'image/png', 3, 2.0, 1);
INSERT INTO bites VALUES ('words:comet:drift', 'busy', 1);
INSERT INTO notes VALUES ('ahead', '60.0');
"""


def test_a_database_of_an_earlier_version_keeps_everything(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    old = sqlite3.connect(path)
    old.executescript(LAYOUT_2)
    old.close()
    for _ in range(2):  # the second time it has the new layout
        database = Database(path)
        store = Store(database)
        key_value = KeyValueStore(database)
        job = store.find("job-1")
        assert job
        assert (job.reference, job.base_url) == ("https://a.test/1.png", "http://sandbox")
        assert (job.webhook_url, job.drawing["seed"]) == ("https://a.test/hook", 7)
        assert json.dumps(job.input) == '{"image": "a"}'
        [late] = job.faults
        assert late.number("seconds") == 5.0
        assert store.ledger()[0]["charged"] == "0.15"
        assert store.webhooks_after(0) == [(1, 9.0)]
        assert key_value.get("ahead", 0.0) == 60.0
        upload = key_value.get_upload("upload-1")
        assert upload
        assert upload.is_complete
        assert not key_value.fire("words:comet:drift", "busy", 1)
        assert store.requeue_unfinished() == ["job-1"]
