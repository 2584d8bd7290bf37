"""The broker of the embedded default: a folder of messages, written and taken in one step each.

kombu's filesystem transport creates a message under its final name and writes it afterwards; a
worker that lists the folder in between reads an empty file and dies of it. Here a message appears
whole or not at all (rename within one folder), and taking it is a rename too, so that several
workers can share the folder. Each queue has a folder of its own, read once for all that is in it: a
queue that has grown long makes itself and the others no slower. See
docs/decisions/0002-folder-broker.md.
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
    """A channel whose files are never seen half written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen: defaultdict[str, deque[str]] = defaultdict(deque)

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:  # type: ignore[override]  # as kombu's
        folder = Path(self.data_folder_out) / queue
        if not folder.exists():
            _make_whole(folder)
        # The wall clock keeps the order over a restart of the machine, which a monotonic one does
        # not.
        _write_whole(folder / f"{time.time_ns()}_{uuid4()}.msg", payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002  # kombu's signature
        seen = self._seen[queue]
        text = self._first(queue, seen)
        if not text:  # others may have taken all that we saw last time
            seen.extend(self._names(queue))
            text = self._first(queue, seen)
        if not text:
            raise Empty
        return loads(text)

    def _first(self, queue: str, names: deque[str]) -> str:
        """Take the first of these messages that is still there; "" when none is."""
        folder = Path(self.data_folder_in) / queue
        while names:
            if text := _taken(folder / names.popleft()):
                return text
        return ""

    def _names(self, queue: str) -> list[str]:
        """Return what a queue holds, the oldest first."""
        try:
            names = os.listdir(Path(self.data_folder_in) / queue)  # noqa: PTH208  # names are enough, ten times a second
        except FileNotFoundError:
            return []
        return sorted(name for name in names if name.endswith(".msg"))

    def _size(self, queue: str) -> int:
        return len(self._names(queue))

    def _purge(self, queue: str) -> int:
        folder = Path(self.data_folder_in) / queue
        return sum(bool(_taken(folder / name)) for name in self._names(queue))

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str
    ) -> None:
        entry = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self.control_folder.mkdir(exist_ok=True)
        known = self.get_table(exchange)
        if entry not in known:
            _write_whole(self._exchange_file(exchange), [entry, *known])  # type: ignore[attr-defined]  # untyped in kombu


class Transport(filesystem.Transport):
    """The folder as a transport of kombu's, under the address folder://."""

    Channel = Channel


def register() -> None:
    """Make the address folder:// known to Celery."""
    TRANSPORT_ALIASES[ALIAS] = "mjweb.broker:Transport"


def _make_whole(folder: Path) -> None:
    """Make a queue that whoever may use the queues may use, in one step: half made, it would shut the others out."""
    draft = folder.with_name(f"{uuid4()}.part")
    draft.mkdir()
    try:
        draft.chmod(folder.parent.stat().st_mode & 0o7777)
        draft.rename(folder)
    except OSError:
        draft.rmdir()
        if not folder.is_dir():  # else another process, of another user perhaps, was quicker
            raise


def _write_whole(path: Path, payload: Any) -> None:
    draft = path.with_name(f"{uuid4()}.part")
    try:
        draft.write_bytes(str_to_bytes(dumps(payload)))
        draft.replace(path)
    except OSError:  # a full disk, four times a second, must not fill the folder too
        draft.unlink(missing_ok=True)
        raise


def _taken(path: Path) -> str:
    """Return a message and remove it; "" when another worker was quicker."""
    mine = path.with_name(f"{uuid4()}.taken")
    try:
        path.rename(mine)
    except FileNotFoundError:
        return ""
    text = bytes_to_str(mine.read_bytes())
    mine.unlink()
    return text
