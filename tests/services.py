"""`make test-services`: the suite again on PostgreSQL, Redis and an S3-compatible server.

All that keeps rows, sends messages or stores files: the rest would say the same again. Uses what
answers on the usual local ports and says what does not; the S3 server is moto's, over HTTP.
"""

import logging
import os
import subprocess
import sys

import boto3
from moto.server import ThreadedMotoServer

from tests.support.local_services import POSTGRES, RABBITMQ, REDIS, answers

BUCKET = "mjweb-tests"
# The rooms that keep rows, send messages or store files, and the whole way through all of them.
KNOW_SERVICES = [
    "tests/activity",
    "tests/budgets",
    "tests/clips",
    "tests/demo",
    "tests/desk",
    "tests/gallery",
    "tests/jobs",
    "tests/mjweb/test_migrations.py",
    "tests/operations",
    "tests/projects",
    "tests/prompts",
    "tests/reports",
    "tests/reviews",
    "tests/teams",
    "tests/upgrade",
    "tests/way",
]


def _environment(storage: str) -> dict[str, str]:
    """Point every setting at the server that answers."""
    found = {"DATABASE_URL": POSTGRES} if answers(5432) else {}
    if answers(6379):
        found["CELERY_BROKER_URL"] = REDIS
    found |= {
        "MJWEB_S3_ENDPOINT_URL": storage,
        "MJWEB_S3_BUCKET": BUCKET,
        "MJWEB_S3_ACCESS_KEY": "tests",
        "MJWEB_S3_SECRET_KEY": "only-for-tests",
        "MJWEB_S3_REGION": "eu-central-1",
    }
    return found


def main() -> int:
    """Run the suite on the services; arguments go to pytest."""
    if not answers(5432) and not answers(6379):
        print("Neither PostgreSQL (5432) nor Redis (6379) answers on this machine: no tests run.")
        return 0
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        storage = f"http://{host}:{port}"
        given = _environment(storage)
        _make_bucket(given)
        print(
            "On: "
            + ", ".join(f"{name}={value}" for name, value in given.items() if "KEY" not in name),
            flush=True,
        )
        wanted = sys.argv[1:] or KNOW_SERVICES
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-q", *wanted]
        code = subprocess.run(command, env=os.environ | given, check=False).returncode
        return code or _on_rabbitmq(given)
    finally:
        server.stop()


def _on_rabbitmq(given: dict[str, str]) -> int:
    """Walk the whole way once more with the other broker, where it answers."""
    if not answers(5672) or sys.argv[1:]:
        return 0
    print("On: CELERY_BROKER_URL=" + RABBITMQ, flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "tests/way/test_whole_way.py"]
    return subprocess.run(
        command, env=os.environ | given | {"CELERY_BROKER_URL": RABBITMQ}, check=False
    ).returncode


def _make_bucket(given: dict[str, str]) -> None:
    boto3.client(
        "s3",
        endpoint_url=given["MJWEB_S3_ENDPOINT_URL"],
        aws_access_key_id=given["MJWEB_S3_ACCESS_KEY"],
        aws_secret_access_key=given["MJWEB_S3_SECRET_KEY"],
        region_name=given["MJWEB_S3_REGION"],
    ).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": given["MJWEB_S3_REGION"]}
    )


if __name__ == "__main__":
    sys.exit(main())
