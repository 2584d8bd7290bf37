"""CometAPI's calls to us: unsigned, and perhaps never made at all (contracts 3.7)."""

from apps.vendors.comet.answers import id_of
from apps.vendors.comet.reading import LONGEST_STATUS
from apps.vendors.errors import Forged
from apps.vendors.types import Hint
from apps.vendors.wire import read


def read_hook(raw: bytes) -> Hint:
    """Return which job a call is about, or raise Forged; nothing proves the call, so it is a reason to ask only."""
    task = read(200, {}, raw, secret="").object  # nosec B106  # none is sealed in what anybody may send
    job_id = id_of(task.get("id"))
    if not job_id:
        raise Forged("The call names no job.")
    word = task.get("status")
    return Hint(vendor_job_id=job_id, vendor_word=_fit(word) if isinstance(word, str) else "")


def _fit(word: str) -> str:
    """Return a word that every database takes."""
    return word.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[:LONGEST_STATUS]
