"""Jobs and answers to orders in midjourney-proxy's form.

Source: docs/vendor-contracts.md, sections 3.3 and 3.4.
"""

import json
from secrets import token_hex
from typing import Any

from starlette.responses import JSONResponse

from apps.sandbox.job_views import UNKNOWN_STATUS, JobView
from apps.sandbox.jobs import Job

STATUS = {
    "created": "SUBMITTED",
    "processing": "IN_PROGRESS",
    "completed": "SUCCESS",
    "failed": "FAILURE",
    "timeout": "FAILURE",
    "cancelled": "CANCEL",
    "deleted": "FAILURE",
    "modal": "MODAL",
}
# Description and HTTP status of each return code (docs/vendor-contracts.md, section 3.3).
CODES = {
    1: ("Submit Success", 200),
    3: ("无可用的账号实例", 200),
    4: ("Validation error", 200),
    5: ("unknown_error", 400),
    9: ("提交失败，队列已满，请稍后重试", 200),
    21: ("Task already exists", 200),
    22: ("In queue, 3 tasks ahead", 200),
    23: ("Queue is full, please try again later", 200),
    24: ("May contain sensitive words", 200),
    30: ("当前分组负载已饱和，请稍后再试", 429),
}
MODERATED = "Banned prompt detected"


def submit_response(
    code: int, *, result: str | None = None, prompt: str = "", words: str = ""
) -> JSONResponse:
    """Return the answer to an order with one of the return codes."""
    description, status = CODES[code]
    properties: dict[str, object] = {"prompt": prompt} if code == 1 else {}
    if code == 22:
        properties = {"numberOfQueues": 3, "discordInstanceId": "1118138338562560102"}
    if code == 24:
        properties = {"promptEn": prompt, "bannedWord": "banned"}
    body = {
        "code": code,
        "description": words or description,
        "result": result,
        "properties": properties,
    }
    return JSONResponse(body, status_code=status)


def gateway_error(status: int, message: str) -> JSONResponse:
    """Return an error of the gateway itself."""
    words = message.encode("utf-8", "replace").decode()
    body = {
        "code": "",
        "message": f"{words} (request id: {token_hex(12)})",
        "type": "comet_api_error",
    }
    return JSONResponse({"error": body}, status_code=status)


def relay_error(description: str) -> JSONResponse:
    """Return an error between gateway and proxy; the real one also ends with a space."""
    body = {"description": f"{description} ", "type": "upstream_error", "code": 4}
    return JSONResponse(body, status_code=400)


def error_response(status: int, message: str) -> JSONResponse:
    """Return an error in the gateway's form; an unknown task is a failure of its relay.

    Source: docs/vendor-contracts.md, section 3.4.
    """
    return relay_error("task_no_found") if status == 404 else gateway_error(status, message)


def task(view: JobView, base_url: str) -> dict[str, Any]:
    """Return a job as a task."""
    job = view.job
    body = {
        "id": job.id,
        "action": "VIDEO",
        "status": UNKNOWN_STATUS.upper() if view.status else STATUS[job.status],
        "progress": _progress(view),
        "prompt": job.input["prompt"],
        "promptEn": job.input["prompt"],
        "description": f"/video {job.input['prompt']}",
        "state": job.input["state"],
        "botType": "MID_JOURNEY",
        "customId": "",
        "maskBase64": "",
        "submitTime": job.created_ns // 1_000_000,
        "startTime": job.started_ns // 1_000_000,
        "finishTime": job.ended_ns // 1_000_000,
        "failReason": _reason(job),
        "imageUrl": f"{base_url}/mj/image/{job.id}" if view.clip_urls else "",
        "videoUrl": view.clip_urls[0] if view.clip_urls else "",
        "videoUrls": [{"url": address} for address in view.clip_urls],
        "videoType": job.input["videoType"],
        "parentId": job.input["parentId"],
        "buttons": _buttons(job) if view.clip_urls else [],
        "properties": {"finalPrompt": job.input["prompt"]},
    }
    return _with_odd_shapes(body, view) if view.has_odd_shapes else body


def _progress(view: JobView) -> str:
    job = view.job
    if job.is_done:
        return "100%"
    if job.status == "processing":
        return f"{round(100 * (view.drawn_clips + 0.58) / job.clips)}%"
    return "0%" if job.status == "created" else ""


def _reason(job: Job) -> str:
    if job.status in {"created", "processing", "completed", "modal"}:
        return ""
    return MODERATED if job.code == 1200 else job.error


def _buttons(job: Job) -> list[dict[str, object]]:
    """Return the buttons U1 to U4, counted from 1 (docs/vendor-contracts.md, section 3.6)."""
    return [
        {
            "customId": f"MJ::JOB::video_virtual_upscale::{number}::{job.id}",
            "emoji": "",
            "label": f"U{number}",
            "type": 2,
            "style": 2,
        }
        for number in range(1, job.clips + 1)
    ]


def _with_odd_shapes(body: dict[str, Any], view: JobView) -> dict[str, Any]:
    """Return the same task in the shapes of other gateways: addresses and properties as texts."""
    changes = {
        "videoUrl": "",
        "videoUrls": list(view.clip_urls) or None,
        "properties": json.dumps(body["properties"]),
    }
    return (
        body
        | changes
        | {"startTime": body["startTime"] or None, "finishTime": body["finishTime"] or None}
    )
