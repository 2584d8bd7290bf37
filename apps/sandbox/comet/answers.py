"""How a task and a submit are told in midjourney-proxy's words (vendor contracts 3.3 and 3.4)."""

import json
from secrets import token_hex
from typing import Any

from starlette.responses import JSONResponse

from apps.sandbox.jobs import Job
from apps.sandbox.looks import UNKNOWN_WORD, Sight

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
# The return codes in the proxies' own words: description and HTTP status (contracts 3.3).
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


def submitted(
    code: int, *, result: str | None = None, prompt: str = "", words: str = ""
) -> JSONResponse:
    """Return the envelope of a submit with one of the return codes."""
    description, status = CODES[code]
    properties: dict[str, object] = {"prompt": prompt} if code == 1 else {}
    if code == 22:
        properties = {"numberOfQueues": 3, "discordInstanceId": "1118138338562560102"}
    if code == 24:
        properties = {"promptEn": prompt, "bannedWord": "banned"}
    told = {
        "code": code,
        "description": words or description,
        "result": result,
        "properties": properties,
    }
    return JSONResponse(told, status_code=status)


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
    """Return an error between the gateway and the proxy behind it; the space at the end is theirs."""
    body = {"description": f"{description} ", "type": "upstream_error", "code": 4}
    return JSONResponse(body, status_code=400)


def refusal(status: int, message: str) -> JSONResponse:
    """Word an error as the gateway would; an unknown task is a failure of its relay (contracts 3.4)."""
    return relay_error("task_no_found") if status == 404 else gateway_error(status, message)


def task(sight: Sight, base: str) -> dict[str, Any]:
    """Return a job as a task."""
    job = sight.job
    told = {
        "id": job.id,
        "action": "VIDEO",
        "status": UNKNOWN_WORD.upper() if sight.word else STATUS[job.status],
        "progress": _progress(sight),
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
        "imageUrl": f"{base}/mj/image/{job.id}" if sight.addresses else "",
        "videoUrl": sight.addresses[0] if sight.addresses else "",
        "videoUrls": [{"url": address} for address in sight.addresses],
        "videoType": job.input["videoType"],
        "parentId": job.input["parentId"],
        "buttons": _buttons(job) if sight.addresses else [],
        "properties": {"finalPrompt": job.input["prompt"]},
    }
    return _odd(told, sight) if sight.is_odd else told


def _progress(sight: Sight) -> str:
    job = sight.job
    if job.is_done:
        return "100%"
    if job.status == "processing":
        return f"{round(100 * (sight.drawn + 0.58) / job.clips)}%"
    return "0%" if job.status == "created" else ""


def _reason(job: Job) -> str:
    if job.status in {"created", "processing", "completed", "modal"}:
        return ""
    return MODERATED if job.code == 1200 else job.error


def _buttons(job: Job) -> list[dict[str, object]]:
    """Return U1 to U4; numbers in them count from 1 (contracts 3.6)."""
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


def _odd(told: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """Tell the same in shapes other gateways have: addresses as texts, properties as a text of JSON."""
    odd = {
        "videoUrl": "",
        "videoUrls": list(sight.addresses) or None,
        "properties": json.dumps(told["properties"]),
    }
    return (
        told
        | odd
        | {"startTime": told["startTime"] or None, "finishTime": told["finishTime"] or None}
    )
