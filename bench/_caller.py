"""Calls back for bench._vendor in a process of its own: `python -m bench._caller < jobs.json`.

A vendor's calls leave when a job ends, however much it is asked meanwhile, and cost our machine
nothing. So they are written to open connections as they are, and the last line says how late they
left.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from urllib.parse import urlsplit

from bench._prediction import prediction

SECRET = "whsec_bench"
LATE = 0.05  # seconds; later than this, a run says more about the caller than about us


class Caller:
    """Calls at one address over connections that are kept."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.late: list[float] = []

    async def call(self, job: dict) -> None:
        """Tell of a job that has just ended; say so where it is not heard."""
        reader, writer = connection = await self._connection()
        self.late.append(time.time() - job["ends"])
        writer.write(self._message_of(job))
        head = await reader.readuntil(b"\r\n\r\n")
        if head.split(None, 2)[1] == b"204":
            self._free.append(connection)
        else:
            print("a call was refused:", head.decode("latin-1"), flush=True)
            writer.close()

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():  # it has been idle for too long, and we hung up
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, self._port)

    def _message_of(self, job: dict) -> bytes:
        body = json.dumps(prediction(job)).encode()
        moment = str(int(time.time()))
        said = f"{job['id']}.{moment}.".encode() + body
        sign = hmac.new(SECRET.removeprefix("whsec_").encode(), said, hashlib.sha256).hexdigest()
        head = (
            f"POST {urlsplit(job['hook']).path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
            f"webhook-id: {job['id']}\r\nwebhook-timestamp: {moment}\r\n"
            f"webhook-signature: v3,{sign}\r\n\r\n"
        )
        return head.encode() + body


async def main() -> None:
    """Call about each job at the moment it ends."""
    jobs = sorted(json.load(sys.stdin), key=lambda job: job["ends"])
    place = urlsplit(jobs[0]["hook"])
    caller = Caller(place.hostname or "", place.port or 80)
    async with asyncio.TaskGroup() as calls:
        for job in jobs:
            await asyncio.sleep(max(0.0, job["ends"] - time.time()))
            calls.create_task(caller.call(job))
    late = sorted(caller.late)[int(0.95 * len(caller.late))]
    if late > LATE:
        print(f"the calls themselves left {late:.2f} s late (p95)", flush=True)


asyncio.run(main())
