"""The default broker: a folder of messages, each written and removed in one step.

kombu's filesystem transport creates a file under its final name and writes it afterwards. A worker
that lists the folder in between reads an empty file and crashes. Here a message is written under
another name and renamed; receiving it is a rename, too, so several workers can share the folder.
Each queue has a folder of its own, listed once for all its messages: a long queue slows down
neither itself nor the others. See docs/decisions/0002-folder-broker.md.
"""

import os
import time
from collections import defaultdict, deque
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

ALIAS = "folder"


class Channel(filesystem.Channel):
    """A channel whose files are always complete."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listed: defaultdict[str, deque[str]] = defaultdict(deque)

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:  # type: ignore[override]  # as kombu's
        folder = Path(self.data_folder_out) / queue
        if not folder.exists():
            _make_queue(folder)
        # The wall clock keeps the order across a restart of the machine; a monotonic one does not.
        _write_atomically(folder / f"{time.time_ns()}_{uuid4()}.msg", payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002  # kombu's signature
        listed = self._listed[queue]
        text = self._first(queue, listed)
        if not text:  # other workers may have taken all that was listed
            listed.extend(self._names(queue))
            text = self._first(queue, listed)
        if not text:
            raise Empty
        return loads(text)

    def _first(self, queue: str, names: deque[str]) -> str:
        """Remove and return the first message that still exists; "" when none does."""
        folder = Path(self.data_folder_in) / queue
        while names:
            if text := _take(folder / names.popleft()):
                return text
        return ""

    def _names(self, queue: str) -> list[str]:
        """Return the messages of a queue, the oldest first."""
        folder = Path(self.data_folder_in) / queue
        try:
            names = os.listdir(folder)  # noqa: PTH208  # ten times a second, and names are enough
        except FileNotFoundError:
            return []
        return sorted(name for name in names if name.endswith(".msg"))

    def _size(self, queue: str) -> int:
        return len(self._names(queue))

    def _purge(self, queue: str) -> int:
        folder = Path(self.data_folder_in) / queue
        return sum(bool(_take(folder / name)) for name in self._names(queue))

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str
    ) -> None:
        entry = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self.control_folder.mkdir(exist_ok=True)
        known = self.get_table(exchange)
        if entry not in known:
            _write_atomically(self._exchange_file(exchange), [entry, *known])  # type: ignore[attr-defined]  # untyped in kombu


class Transport(filesystem.Transport):
    """The folder as a transport of kombu, under folder://."""

    Channel = Channel


def register() -> None:
    """Register folder:// with Celery."""
    TRANSPORT_ALIASES[ALIAS] = "mjweb.broker:Transport"


def _make_queue(folder: Path) -> None:
    """Create a queue's folder in one step, with the permissions of its parent."""
    draft = folder.with_name(f"{uuid4()}.part")
    draft.mkdir()
    try:
        draft.chmod(folder.parent.stat().st_mode & 0o7777)
        draft.rename(folder)
    except OSError:
        draft.rmdir()
        if not folder.is_dir():  # else another process was quicker
            raise


def _write_atomically(path: Path, payload: Any) -> None:
    draft = path.with_name(f"{uuid4()}.part")
    try:
        draft.write_bytes(str_to_bytes(dumps(payload)))
        draft.replace(path)
    except OSError:  # a full disk must not be filled with drafts as well
        draft.unlink(missing_ok=True)
        raise


def _take(path: Path) -> str:
    """Remove and return a message; "" when another worker was quicker."""
    mine = path.with_name(f"{uuid4()}.reading")
    try:
        path.rename(mine)
    except FileNotFoundError:
        return ""
    text = bytes_to_str(mine.read_bytes())
    mine.unlink()
    return text
