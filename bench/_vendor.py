"""A vendor in memory for bench.jobs: WaveSpeed's reading verbs, exact to the millisecond, and a count of requests.

A job ends at a moment known beforehand; nothing is drawn. Run as `python -m bench._vendor PORT`.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from bisect import bisect_left
from datetime import UTC, datetime

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PAGE = 100
SECRET = "whsec_bench"


class Counter:
    """The jobs by id and in order of time, and how often anybody asked."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict] = {}
        self.order: list[tuple[float, str]] = []
        self.requests = 0

    def add(self, jobs: list[dict]) -> None:
        self.jobs |= {job["id"]: job for job in jobs}
        self.order = sorted((job["created"], job["id"]) for job in self.jobs.values())


COUNTER = Counter()


def prediction(job: dict) -> dict:
    done = time.time() >= job["ends"]
    return {
        "id": job["id"],
        "model": "midjourney/image-to-video",
        "input": {"image": f"http://127.0.0.1/{job['id']}.jpg", "prompt": "Slow dolly in"},
        "outputs": [f"http://127.0.0.1:9/{job['id']}.mp4"] if done else [],
        "has_nsfw_contents": [False] if done else [],
        "status": "completed" if done else "processing",
        "created_at": datetime.fromtimestamp(job["created"], UTC).isoformat(),
        "error": "",
        "code": 0,
        "timings": {"inference": 1000},
    }


def told(data: object) -> JSONResponse:
    return JSONResponse({"code": 200, "message": "success", "data": data})


async def listed(request: Request) -> JSONResponse:
    COUNTER.requests += 1
    asked = await request.json()
    after, before = (
        datetime.fromisoformat(asked[f"created_{end}"]).timestamp() for end in ("after", "before")
    )
    found = COUNTER.order[
        bisect_left(COUNTER.order, (after, "")) : bisect_left(COUNTER.order, (before + 1, ""))
    ]
    start = (asked["page"] - 1) * PAGE
    page = found[::-1][start : start + PAGE]
    items = [prediction(COUNTER.jobs[job_id]) for _, job_id in page]
    return told({"page": asked["page"], "total": len(found), "items": items})


async def result(request: Request) -> JSONResponse:
    COUNTER.requests += 1
    return told(prediction(COUNTER.jobs[request.path_params["job_id"]]))


async def submit(request: Request) -> JSONResponse:
    """Take an order of the rivals; it ends after the seconds they name."""
    COUNTER.requests += 1
    asked, now = await request.json(), time.time()
    COUNTER.add([{"id": asked["id"], "created": now, "ends": now + asked["seconds"], "hook": ""}])
    return JSONResponse({})


async def load(request: Request) -> JSONResponse:
    jobs = await request.json()
    COUNTER.add(jobs)
    calls = [job for job in jobs if job["hook"]]
    if calls:
        request.app.state.calling = asyncio.create_task(call(calls))
    return JSONResponse({})


async def call(jobs: list[dict]) -> None:
    """Call each job's address at the moment it ends, unsigned calls being enough to wake somebody."""
    # A vendor waits for nobody: twenty connections at 0.1 s each would be slower than 2 000 jobs in 12 s.
    async with httpx.AsyncClient(
        trust_env=False, timeout=30, limits=httpx.Limits(max_connections=200)
    ) as client:
        calls = set()
        for job in sorted(jobs, key=lambda one: one["ends"]):
            await asyncio.sleep(max(0.0, job["ends"] - time.time()))
            calls.add(task := asyncio.create_task(_call(client, job)))
            task.add_done_callback(calls.discard)
        await asyncio.gather(*calls)


async def _call(client: httpx.AsyncClient, job: dict) -> None:
    body = json.dumps(prediction(job)).encode()
    moment = str(int(time.time()))
    said = f"{job['id']}.{moment}.".encode() + body
    sign = hmac.new(SECRET.removeprefix("whsec_").encode(), said, hashlib.sha256).hexdigest()
    headers = {"webhook-id": job["id"], "webhook-timestamp": moment, "webhook-signature": f"v3,{sign}"}
    answer = await client.post(job["hook"], content=body, headers=headers)
    if answer.status_code != 204:
        print("a call was refused:", answer.status_code, answer.text[:200], flush=True)


async def stats(_request: Request) -> JSONResponse:
    return JSONResponse({"requests": COUNTER.requests})


APP = Starlette(
    routes=[
        Route("/api/v3/predictions", listed, methods=["POST"]),
        Route("/api/v3/predictions/{job_id}/result", result),
        Route("/submit", submit, methods=["POST"]),
        Route("/load", load, methods=["POST"]),
        Route("/stats", stats),
    ],
)

if __name__ == "__main__":
    uvicorn.run(APP, port=int(sys.argv[1]), log_level="warning", access_log=False)
