"""Kills processes at random, and the broker with all its messages, until it is told to stop."""

import random
import subprocess
from collections import Counter
from threading import Event, Thread

from mjweb.run import free_port
from tests.support.processes import kill_process, start_process
from tests.support.stack import Stack

PAUSE = (2.0, 6.0)  # seconds between two kills
VICTIMS = ("worker", "worker", "saver", "scheduler", "web", "broker")


class Redis:
    """A broker of the drill's own, so that killing it hurts nobody else."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start with nothing in it."""
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--save",
            "",
            "--appendonly",
            "no",
            "--loglevel",
            "warning",
        ]
        self._process = start_process(command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """End it with all its messages."""
        if self._process:
            kill_process(self._process)


class Chaos:
    """A thread that kills and starts again, in an order that the seed decides."""

    def __init__(self, stack: Stack, redis: Redis | None, seed: int) -> None:
        self.stack, self.redis = stack, redis
        self.kills: Counter[str] = Counter()
        self._draw, self._over = random.Random(seed), Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, with everything running."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._draw.uniform(*PAUSE)):
            self.kills.update(f"{name} by itself" for name in self.stack.revive())
            victim = self._draw.choice(VICTIMS)
            self.kills[victim] += 1
            self._kill_broker() if victim == "broker" else self._kill(victim)

    def _kill(self, name: str) -> None:
        self.stack.kill(name)
        self._over.wait(self._draw.uniform(0.1, 1.5))
        self.stack.start(name)

    def _kill_broker(self) -> None:
        """End the broker; the folder has no process, but it can lose all that lies in it."""
        if self.redis is None:
            for message in (self.stack.data / "broker" / "queue").rglob("*.msg"):
                message.unlink(missing_ok=True)
            return
        self.redis.kill()
        self._over.wait(self._draw.uniform(0.1, 1.5))
        self.redis.start()
