"""Jobs in WaveSpeedAI's form (docs/vendor-contracts.md, sections 1.3 and 1.10)."""

import json
from typing import Any

from apps.sandbox.job_views import JobView
from apps.sandbox.jobs import Job
from apps.sandbox.wavespeed.parameters import MODEL


def prediction(view: JobView, base_url: str) -> dict[str, Any]:
    """Return a job as the vendor's prediction; `base_url` is the address of the request."""
    job = view.job
    body = {
        "id": job.id,
        "model": MODEL,
        "input": job.input,
        "outputs": list(view.clip_urls),
        "urls": {"get": f"{base_url}/api/v3/predictions/{job.id}/result"},
        "has_nsfw_contents": list(job.nsfw) if view.clip_urls else [],
        "status": view.status or job.status,
        "created_at": job.creation_time,
        "error": job.error,
        "code": job.code,
        "executionTime": job.inference_ms,
        "timings": {"inference": job.inference_ms},
    }
    return _with_odd_shapes(body) if view.has_odd_shapes else body


def webhook_body(view: JobView) -> dict[str, Any]:
    """Return the body of a webhook: a bare prediction, with outputs only where there are some."""
    body = prediction(view, view.job.base_url)
    del body["code"]
    if not body["outputs"]:
        del body["outputs"]
    return body


def envelope(data: object, *, code: int = 200, message: str = "success") -> dict[str, object]:
    """Return an answer inside the vendor's envelope."""
    return {"code": code, "message": message, "data": data}


def base64_view(job: Job, clip: str) -> JobView:
    """Return the view of a job with its clip as bare base64.

    Source: docs/vendor-contracts.md, section 1.9.
    """
    return JobView(job=job, clip_urls=(clip,))


def _with_odd_shapes(body: dict[str, Any]) -> dict[str, Any]:
    """Return the same prediction in odd shapes: nulls, and objects as JSON texts.

    Source: docs/vendor-contracts.md, section 1.3.
    """
    changes = {"has_nsfw_contents": None, "timings": json.dumps(body["timings"])}
    return body | changes | ({} if body["outputs"] else {"outputs": None})
