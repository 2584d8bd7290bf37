"""A vendor in memory for bench.jobs: WaveSpeed's reading verbs, and a count of requests.

A job ends at a moment known beforehand; nothing is drawn. Run as `python -m bench._vendor PORT`.
"""

import sys
import time
from bisect import bisect_left
from datetime import datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench._prediction import prediction

PAGE = 100


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


def answer_with(data: object) -> JSONResponse:
    return JSONResponse({"code": 200, "message": "success", "data": data})


async def list_jobs(request: Request) -> JSONResponse:
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
    return answer_with({"page": asked["page"], "total": len(found), "items": items})


async def result(request: Request) -> JSONResponse:
    COUNTER.requests += 1
    return answer_with(prediction(COUNTER.jobs[request.path_params["job_id"]]))


async def submit(request: Request) -> JSONResponse:
    """Take an order of the rivals; it ends after the seconds they name."""
    COUNTER.requests += 1
    asked, now = await request.json(), time.time()
    COUNTER.add([{"id": asked["id"], "created": now, "ends": now + asked["seconds"], "hook": ""}])
    return JSONResponse({})


async def load(request: Request) -> JSONResponse:
    COUNTER.add(await request.json())
    return JSONResponse({})


async def stats(_request: Request) -> JSONResponse:
    return JSONResponse({"requests": COUNTER.requests})


APP = Starlette(
    routes=[
        Route("/api/v3/predictions", list_jobs, methods=["POST"]),
        Route("/api/v3/predictions/{job_id}/result", result),
        Route("/submit", submit, methods=["POST"]),
        Route("/load", load, methods=["POST"]),
        Route("/stats", stats),
    ],
)

if __name__ == "__main__":
    uvicorn.run(APP, port=int(sys.argv[1]), log_level="warning", access_log=False)
