"""CometAPI's webhooks, which are unsigned and may never come.

Source: docs/vendor-contracts.md, section 3.7.
"""

from collections.abc import Mapping

from apps.vendors.comet.answers import id_of
from apps.vendors.comet.parsing import progress_of
from apps.vendors.errors import BadSignature
from apps.vendors.http import parse_json
from apps.vendors.types import WebhookHint


def parse_webhook(_headers: Mapping[str, str], raw: bytes, **_options: object) -> WebhookHint:
    """Return the job that a webhook names, or raise BadSignature.

    Nothing proves who sent it, so it is only a reason to poll.
    """
    task = parse_json(raw)
    job_id = id_of(task.get("id")) if isinstance(task, dict) else ""
    if not isinstance(task, dict) or not job_id:
        raise BadSignature("The call names no job.")
    status = task.get("status")
    # In a webhook, an empty status does not mean a new task, but is unknown.
    known_status = status if isinstance(status, str) and status else "?"
    return WebhookHint(vendor_job_id=job_id, progress=progress_of(known_status))
