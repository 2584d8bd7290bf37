"""CometAPI's calls to us: unsigned, and perhaps never made at all (contracts 3.7)."""

from apps.vendors.comet.answers import id_of
from apps.vendors.comet.reading import progress_in
from apps.vendors.errors import Forged
from apps.vendors.types import Hint
from apps.vendors.wire import parsed


def read_hook(raw: bytes) -> Hint:
    """Return which job a call is about, or raise Forged; nothing proves the call, so it is a reason to ask only."""
    task = parsed(raw)
    job_id = id_of(task.get("id")) if isinstance(task, dict) else ""
    if not isinstance(task, dict) or not job_id:
        raise Forged("The call names no job.")
    word = task.get("status")
    # A fresh task has no word, but whoever calls without one may mean anything.
    return Hint(
        vendor_job_id=job_id, progress=progress_in(word if isinstance(word, str) and word else "?")
    )
