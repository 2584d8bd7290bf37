"""Where the databases and brokers of this machine listen, if there are any."""

import os
import socket

POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
# The first of the databases that the tests empty and use: each of their workers takes the next one.
REDIS = os.environ.get("TEST_BROKER_URL", "redis://127.0.0.1:6379/9")
RABBITMQ = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")


def answers(port: int) -> bool:
    """Whether anything listens on this port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
