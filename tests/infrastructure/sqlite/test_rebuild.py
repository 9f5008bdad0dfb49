"""The read file made anew beneath a store that goes on: what nobody may notice, and what must not stay."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path

import psutil
import pytest

from domain.errors import ShuttingDown
from domain.events import ImageDeleted
from domain.ports.log import Append
from domain.query import ImageFilter, ImageQuery
from infrastructure.sqlite import folding, rebuild
from infrastructure.sqlite.rebuild import RebuildFailed
from infrastructure.sqlite.store import Store, open_store
from tests.examples import OWNER, append, uploaded
from tests.infrastructure.sqlite.history import EVENTS, life
from tests.infrastructure.sqlite.tables import folded, tables
from tests.server import ROOT

ID = "a" * 32
ALL = ImageQuery(owner=OWNER, filter=ImageFilter(deleted=None), limit=100)


async def happen(store: Store, commands: Iterable[Append]) -> None:
    for command in commands:
        await store.log.append(command)


async def lives(store: Store, count: int) -> None:
    await asyncio.gather(*(happen(store, life()) for _ in range(count)))


def read_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("read-*"))


def change_checkpoint(path: Path, column: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"UPDATE checkpoint SET {column} = 'x'")


@asynccontextmanager
async def going_on(*works: Callable[[], Coroutine[object, object, None]]) -> AsyncIterator[None]:
    """Works that are done again and again meanwhile. Whatever one of them raises is raised."""
    over = False

    async def again_and_again(work: Callable[[], Coroutine[object, object, None]]) -> None:
        while not over:
            await work()

    async with asyncio.TaskGroup() as tasks:
        for work in works:
            tasks.create_task(again_and_again(work))
        yield
        over = True


async def child_of(store: Store) -> asyncio.subprocess.Process:
    async with asyncio.timeout(30):
        while store.rebuilder._child is None:
            await asyncio.sleep(0.001)
    return store.rebuilder._child


async def test_appends_queries_and_subscribers_notice_nothing(tmp_path: Path) -> None:
    """No query fails or goes back, no event is missed, and the new file says what a fold says."""
    seen: list[int] = []
    as_of = 0

    async def ask() -> None:
        nonlocal as_of
        known = max(store.log.head, as_of)
        page = await store.read_model.images(ALL)
        assert page.as_of >= known
        as_of = max(page.as_of, as_of)

    async def follow() -> None:
        async with aclosing(store.log.follow(0)) as events:
            async for event in events:
                seen.append(event.position)  # noqa: PERF401  (as they come)

    async with open_store(tmp_path) as store:
        await lives(store, 40)
        following = asyncio.create_task(follow())
        async with going_on(lambda: happen(store, life()), lambda: happen(store, life()), ask, ask, ask):
            for generation in (2, 3):
                head = store.log.head
                assert head <= await store.rebuild() <= store.log.head
                left = {name for name in read_files(tmp_path) if not name.endswith(("-wal", "-shm"))}
                assert left == {f"read-{generation}.db"}
                assert all(name.startswith(f"read-{generation}.db") for name in read_files(tmp_path))
        await ask()
        async with asyncio.timeout(10):
            while len(seen) < store.log.head:
                await asyncio.sleep(0.001)
        following.cancel()
        assert seen == list(range(1, store.log.head + 1))
        assert store.log.head > 40 * EVENTS
    (path,) = tmp_path.glob("read-*")
    assert tables(path) == await asyncio.to_thread(folded, tmp_path, tmp_path / "scratch.db")


async def test_a_query_in_flight_ends_on_the_file_it_began_on(tmp_path: Path) -> None:
    """The old file is kept open until it has been answered, and gone after that."""
    async with open_store(tmp_path) as store:
        await lives(store, 5)
        readers = store.rebuilder._readers
        slow = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) "
        query = asyncio.create_task(
            readers.rows(slow + "SELECT count(*), (SELECT count(*) FROM images) FROM n")
        )
        replaced = asyncio.Event()
        exchange = readers.exchange
        readers.exchange = lambda other: (exchange(other), replaced.set())[0]  # type: ignore[method-assign, func-returns-value]
        rebuilding = asyncio.create_task(store.rebuild())
        await replaced.wait()
        assert await query == [(3000000, 5)]
        await rebuilding
        assert "read-1.db" not in read_files(tmp_path)


async def test_those_who_ask_while_one_runs_wait_together_for_the_next(tmp_path: Path) -> None:
    """The one that runs may have passed over what they mean; one more is enough for all of them."""
    async with open_store(tmp_path) as store:
        await lives(store, 1)
        first = asyncio.create_task(store.rebuild())
        await child_of(store)
        await store.log.append(append(f"image-{ID}", uploaded(ID)))
        others = [asyncio.create_task(store.rebuild()) for _ in range(5)]
        assert await first == EVENTS
        assert [await other for other in others] == [EVENTS + 1] * 5
        assert [name for name in read_files(tmp_path) if name.endswith(".db")] == ["read-3.db"]


async def test_what_a_destroyed_key_sealed_is_in_no_file_after_a_rebuild(tmp_path: Path) -> None:
    """Nor in those that SQLite keeps beside them."""
    async with open_store(tmp_path) as store:
        named = uploaded(ID, name="Grandmother-in-Rome.jpg", description="Piazza Navona", tags=("Giulia",))
        await store.log.append(append(f"image-{ID}", named))
        with closing(sqlite3.connect(tmp_path / "keys.db", isolation_level=None)) as keys:
            keys.execute("PRAGMA secure_delete = ON")
            keys.execute("DELETE FROM keys WHERE number = 1")
        await store.rebuild()
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        view = (await store.read_model.image(OWNER, ID)).value
    assert view is not None
    assert view.name == ""
    for word in (b"Grandmother", b"Navona", b"Giulia"):
        assert word not in content


async def test_a_file_of_other_code_serves_until_it_has_been_made_anew(tmp_path: Path) -> None:
    """The store opens on it at once, and goes over to the new one by itself."""
    async with open_store(tmp_path) as store:
        await lives(store, 3)
    change_checkpoint(tmp_path / "read-1.db", "projection")
    before = tables(tmp_path / "read-1.db")
    async with open_store(tmp_path) as store:
        assert "read-1.db" in read_files(tmp_path)
        assert len((await store.read_model.images(ALL)).value.images) == 3
        await asyncio.gather(*store.rebuilder._tasks)
        assert store.rebuilder.error is None
        assert len((await store.read_model.images(ALL)).value.images) == 3
    assert read_files(tmp_path) == ["read-2.db"]
    after = tables(tmp_path / "read-2.db")
    assert after.pop("checkpoint") != before.pop("checkpoint")
    assert after == before


async def test_a_file_of_other_tables_is_folded_anew_before_the_store_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Our queries know only ours. The log says how far it is."""
    async with open_store(tmp_path) as store:
        await lives(store, 100)
    change_checkpoint(tmp_path / "read-1.db", "tables")
    monkeypatch.setattr("infrastructure.sqlite.store.SAY_EVERY", 1000)
    with caplog.at_level("INFO"):
        async with open_store(tmp_path) as store:
            assert store.rebuilder._tasks == set()
            assert (await store.read_model.images(ALL)).as_of == 100 * EVENTS
    assert read_files(tmp_path) == ["read-2.db"]
    assert "folding 1300 events into the read file" in caplog.text
    assert "folded 1000 of 1300 events" in caplog.text


async def fails_and_changes_nothing(store: Store, folder: Path, *why: str) -> None:
    before = read_files(folder)
    with pytest.raises(RebuildFailed) as failed:
        await store.rebuild()
    assert all(word in str(failed.value) for word in why), str(failed.value)
    assert store.rebuilder.error == str(failed.value)
    assert read_files(folder) == before
    await happen(store, life())
    assert (await store.read_model.images(ALL)).as_of == store.log.head == store.log.end


async def test_a_child_that_is_killed_leaves_all_as_it_was(tmp_path: Path) -> None:
    """It is said, and the next one does it."""
    async with open_store(tmp_path) as store:
        await lives(store, 5)

        async def kill() -> None:
            child = await child_of(store)
            while not (tmp_path / "read-2.db.part").exists():
                await asyncio.sleep(0.001)
            child.kill()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(kill())
            tasks.create_task(fails_and_changes_nothing(store, tmp_path, "signal 9"))
        await store.rebuild()
        assert store.rebuilder.error is None
        assert len((await store.read_model.images(ALL)).value.images) == 6


async def test_a_disk_without_room_for_another_read_file_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here a limit on the size of files stands in for it."""
    real = rebuild.command

    def limited(path: Path) -> list[str]:
        return ["sh", "-c", 'ulimit -f 300 && exec "$@"', "sh", *real(path)]

    async with open_store(tmp_path) as store:
        await lives(store, 200)
        monkeypatch.setattr(rebuild, "command", limited)
        await fails_and_changes_nothing(store, tmp_path, "sqlite3.OperationalError", "disk")


def test_the_space_that_appends_need_is_not_for_a_read_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fold ends before an append has to be refused."""

    async def fill() -> None:
        async with open_store(tmp_path) as store:
            await lives(store, 1)

    asyncio.run(fill())
    monkeypatch.setattr(folding, "RESERVE_BYTES", 2**62)
    with pytest.raises(OSError, match="no room for another read file"):
        folding.fold_anew(tmp_path, tmp_path / "new.db")


async def test_another_program_on_the_disk_folds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was upgraded beneath a server that runs: its tables may be others than our queries know."""
    async with open_store(tmp_path) as store:
        monkeypatch.setattr(rebuild, "projection_hash", lambda: "x")
        await fails_and_changes_nothing(store, tmp_path, "is not the one that runs")


async def test_a_new_file_that_cannot_take_the_last_events_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer stays with the old one."""
    async with open_store(tmp_path) as store:
        await lives(store, 1)
        with monkeypatch.context() as broken:
            broken.setattr("infrastructure.sqlite.upkeep.Upkeep.replace", lambda *_: 1 / 0)
            await fails_and_changes_nothing(store, tmp_path, "ZeroDivisionError")
        await store.rebuild()


async def test_a_store_that_is_closed_waits_for_no_rebuild(tmp_path: Path) -> None:
    """Its child is ended, and whoever asked is told."""
    async with open_store(tmp_path) as store:
        await lives(store, 5)
        asking = [asyncio.create_task(store.rebuild())]
        child = await child_of(store)
        asking.append(asyncio.create_task(store.rebuild()))
        child.send_signal(signal.SIGSTOP)
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ShuttingDown, ShuttingDown]
    assert read_files(tmp_path) == ["read-1.db"]


async def test_whoever_asks_and_leaves_stops_nothing(tmp_path: Path) -> None:
    """Others may wait for the same one."""
    async with open_store(tmp_path) as store:
        asking = asyncio.create_task(store.rebuild())
        await child_of(store)
        asking.cancel()
        await asyncio.gather(*store.rebuilder._tasks)
        assert [name for name in read_files(tmp_path) if name.endswith(".db")] == ["read-2.db"]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from infrastructure.sqlite import read_files
from infrastructure.sqlite.store import open_store
from infrastructure.sqlite.writer import Writer

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def die_at(moment):
    if moment == "before the name":
        read_files.complete = die
    elif moment == "before the flip":
        Writer.replace = die
    elif moment == "after the flip":
        Writer._replaced = die
    elif moment == "before the removal":
        read_files.remove = die
    elif moment == "in the removal":
        read_files.remove = lambda *paths: (paths[0].unlink(), die())

async def die_with_the_child(folder, rebuilder):
    while rebuilder._child is None or not list(folder.glob("*.part")):
        await asyncio.sleep(0.001)
    print(rebuilder._child.pid, flush=True)
    die()

async def main(folder, moment):
    async with open_store(folder) as store:
        die_at(moment)
        rebuilding = asyncio.create_task(store.rebuild())
        if moment == "folding":
            await die_with_the_child(folder, store.rebuilder)
        await rebuilding

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.parametrize(
    "moment",
    [
        "folding",
        "before the name",
        "before the flip",
        "after the flip",
        "before the removal",
        "in the removal",
    ],
)
async def test_a_server_that_is_killed_in_a_rebuild_leaves_a_folder_that_opens(
    tmp_path: Path, moment: str
) -> None:
    """With one read file, which says what the log says; its child ends with it."""
    folder = tmp_path / "data"
    async with open_store(folder) as store:
        await lives(store, 30)
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(folder), moment, cwd=ROOT, stdout=subprocess.PIPE
    )
    told, _ = await killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    if moment == "folding":
        await gone(int(told))
    async with open_store(folder) as store:
        await store.log.append(append(f"image-{ID}", ImageDeleted(image_id=ID)))
        assert (await store.read_model.images(ALL)).as_of == 30 * EVENTS + 1
    (name,) = read_files(folder)
    assert name == ("read-1.db" if moment in {"folding", "before the name"} else "read-2.db")
    assert tables(folder / name) == await asyncio.to_thread(folded, folder, tmp_path / "scratch.db")


async def gone(pid: int) -> None:
    """Whether a process has ended, whoever has yet to ask how."""
    async with asyncio.timeout(30):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.01)


async def test_a_child_takes_no_core_from_the_server(tmp_path: Path) -> None:
    """It is nice."""
    async with open_store(tmp_path) as store:
        await lives(store, 5)
        rebuilding = asyncio.create_task(store.rebuild())
        child = await child_of(store)
        while not (tmp_path / "read-2.db.part").exists():
            await asyncio.sleep(0.001)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == folding.NICE
        await rebuilding


def test_a_child_whose_parent_is_gone_makes_no_file(tmp_path: Path) -> None:
    """Nobody would remove it."""
    path = tmp_path / "read-2.db.part"
    ended = subprocess.run(rebuild.command(path), cwd=ROOT, stdin=subprocess.DEVNULL, check=False, timeout=30)
    assert ended.returncode == folding.ORPHANED
    assert not path.exists()
