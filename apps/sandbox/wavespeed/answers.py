"""How a job is told in WaveSpeedAI's words (vendor contracts 1.3 and 1.10)."""

import json
from typing import Any

from apps.sandbox.jobs import Job
from apps.sandbox.looks import Sight
from apps.sandbox.wavespeed.tables import MODEL


def prediction(sight: Sight, base: str) -> dict[str, Any]:
    """Return a job in the vendor's words; `base` is the address we were asked at."""
    job = sight.job
    told = {
        "id": job.id,
        "model": MODEL,
        "input": job.input,
        "outputs": list(sight.addresses),
        "urls": {"get": f"{base}/api/v3/predictions/{job.id}/result"},
        "has_nsfw_contents": list(job.nsfw) if sight.addresses else [],
        "status": sight.word or job.status,
        "created_at": job.created_at,
        "error": job.error,
        "code": job.code,
        "executionTime": job.inference_ms,
        "timings": {"inference": job.inference_ms},
    }
    return _odd(told) if sight.is_odd else told


def called_back(sight: Sight) -> dict[str, Any]:
    """Return a job as its customer is called back with it: bare, with outputs only where it has some."""
    told = prediction(sight, sight.job.base)
    del told["code"]
    if not told["outputs"]:
        del told["outputs"]
    return told


def envelope(data: object, *, code: int = 200, message: str = "success") -> dict[str, object]:
    """Wrap an answer as the vendor does."""
    return {"code": code, "message": message, "data": data}


def naked(job: Job, clip: str) -> Sight:
    """Return a job that carries its clip inside the answer: base64 without data: (contracts 1.9)."""
    return Sight(job=job, addresses=(clip,))


def _odd(told: dict[str, Any]) -> dict[str, Any]:
    """Tell the same in shapes that were seen in the wild (contracts 1.3): nulls, and objects as texts."""
    odd = {"has_nsfw_contents": None, "timings": json.dumps(told["timings"])}
    return told | odd | ({} if told["outputs"] else {"outputs": None})
