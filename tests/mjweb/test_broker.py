from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from uuid import uuid4

import pytest
from kombu import Connection

from mjweb import broker


@pytest.fixture
def connect(tmp_path):
    broker.register()
    folder, control = tmp_path / "queue", tmp_path / "control"
    folder.mkdir()
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(control),
    }
    opened = []

    def make() -> Connection:
        opened.append(Connection("folder://localhost/", transport_options=options))
        return opened[-1]

    yield make
    for connection in opened:
        connection.release()


@pytest.fixture
def orders() -> str:
    # kombu remembers for the whole process which queues it has bound: every test needs names of its
    # own
    return f"orders-{uuid4()}"


def drain(connection: Connection, name: str) -> list[int]:
    queue = connection.SimpleQueue(name)
    found = []
    try:
        while True:
            found.append(queue.get(block=False).payload)
    except Empty:
        return found


def test_messages_come_in_the_order_they_were_sent(connect, orders):
    queue = connect().SimpleQueue(orders)
    for number in range(20):
        queue.put(number)
    assert drain(connect(), orders) == list(range(20))


def test_a_queue_gets_only_its_own_messages(connect, orders):
    connect().SimpleQueue(orders).put(1)
    connect().SimpleQueue(f"{orders}-saved").put(2)
    assert drain(connect(), f"{orders}-saved") == [2]
    assert drain(connect(), orders) == [1]


def test_who_may_use_the_queues_may_use_each_of_them(connect, orders, tmp_path):
    (tmp_path / "queue").chmod(0o2770)
    connect().SimpleQueue(orders).put(1)
    assert (tmp_path / "queue" / orders).stat().st_mode & 0o7777 == 0o2770


def test_a_death_while_a_queue_is_made_leaves_none_that_others_may_not_use(
    connect, orders, tmp_path, monkeypatch
):
    def die(*_: object) -> None:
        raise SystemExit

    queue = connect().SimpleQueue(orders)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "chmod", die)
        with pytest.raises(SystemExit):
            queue.put(1)
    assert not (tmp_path / "queue" / orders).exists()
    queue.put(1)
    assert drain(connect(), orders) == [1]


def test_who_makes_a_queue_a_moment_later_than_another_leaves_it_as_it_is(tmp_path):
    queue = tmp_path / "orders"
    queue.mkdir(mode=0o700)
    (queue / "1.msg").write_text("{}")
    broker._make_queue(queue)
    assert queue.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in tmp_path.rglob("*")] == ["orders", "1.msg"]


def test_a_queue_that_cannot_be_made_leaves_nothing_behind(tmp_path):
    (tmp_path / "orders").write_text("")
    with pytest.raises(NotADirectoryError):
        broker._make_queue(tmp_path / "orders")
    assert [path.name for path in tmp_path.iterdir()] == ["orders"]


def test_a_message_that_is_still_being_written_is_not_seen(connect, orders, tmp_path):
    queue = connect().SimpleQueue(orders)
    queue.put(1)
    (tmp_path / "queue" / orders / "half.part").write_bytes(b'{"body":')
    assert drain(connect(), orders) == [1]


def test_what_comes_while_a_long_queue_is_read_comes_after_it(connect, orders):
    queue = connect().SimpleQueue(orders)
    for number in range(3):
        queue.put(number)
    reader = connect().SimpleQueue(orders)
    first = reader.get(block=False).payload
    queue.put(3)
    assert [first, *(reader.get(block=False).payload for _ in range(3))] == [0, 1, 2, 3]


def test_a_reader_finds_what_others_have_left_of_what_it_has_seen(connect, orders):
    queue = connect().SimpleQueue(orders)
    for number in range(3):
        queue.put(number)
    one, other = connect().SimpleQueue(orders), connect().SimpleQueue(orders)
    taken = [each.get(block=False).payload for each in (one, other, one)]
    assert taken == [0, 1, 2]
    queue.put(3)
    assert [other.get(block=False).payload, *drain(connect(), orders)] == [3]


def test_a_queue_is_counted_and_emptied(connect, orders):
    queue = connect().SimpleQueue(orders)
    for number in range(3):
        queue.put(number)
    assert queue.qsize() == 3
    assert queue.clear() == 3
    assert drain(connect(), orders) == []


def test_many_writers_and_readers_lose_nothing_and_take_nothing_twice(connect, orders):
    connect().SimpleQueue(orders).put(-1)  # binds the queue once

    def write(start: int) -> None:
        queue = connect().SimpleQueue(orders)
        for number in range(start, start + 50):
            queue.put(number)

    with ThreadPoolExecutor(8) as pool:
        for start in (0, 50, 100, 150):
            pool.submit(write, start)
        early = [pool.submit(drain, connect(), orders) for _ in range(4)]
        taken = [number for reader in early for number in reader.result()]
    taken += drain(connect(), orders)
    assert sorted(taken) == list(range(-1, 200))


def test_a_read_queue_leaves_no_files_behind(connect, orders, tmp_path):
    queue = connect().SimpleQueue(orders)
    queue.put(1)
    drain(connect(), orders)
    assert [path for path in Path(tmp_path / "queue").rglob("*") if path.is_file()] == []


def test_a_message_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "taken" / "already").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        broker._write_atomically(tmp_path / "taken", {})
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
