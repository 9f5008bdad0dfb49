"""A data folder on SQLite: what holds beyond the contract of the log."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import Busy, ShuttingDown, StorageFull
from domain.events import ImageDeleted
from domain.query import ImageQuery
from infrastructure.log.chain import Row, first_break
from infrastructure.sqlite import writer as writer_module
from infrastructure.sqlite.ledger import COLUMNS
from infrastructure.sqlite.lock import DataFolderInUse, DataFolderUnusable
from infrastructure.sqlite.store import open_store
from tests.examples import OWNER, append, new_id, requested, uploaded

ID = "a" * 32
MADE_UP = "'s', 1, randomblob(16), 't', 1, 1, '', '', '', '', '', '', randomblob(32)"


def database(folder: Path, name: str = "log.db") -> sqlite3.Connection:
    return sqlite3.connect(folder / name, isolation_level=None)


async def fill(folder: Path, count: int = 20) -> None:
    async with open_store(folder) as store:
        for _ in range(count):
            image_id = new_id()
            await store.log.append(append(f"image-{image_id}", uploaded(image_id)))


async def shown(folder: Path) -> object:
    async with open_store(folder) as store:
        return await store.read_model.images(ImageQuery(owner=OWNER, limit=100)), store.log.head


def chain_break(folder: Path) -> int | None:
    db = database(folder)
    rows = db.execute(f"SELECT {COLUMNS}, hash FROM events ORDER BY position").fetchall()
    db.close()
    return first_break((Row(*row[:-1]), row[-1]) for row in rows)


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    """The log, the read model, and the id of the store."""
    await fill(tmp_path)
    before = await shown(tmp_path)
    assert await shown(tmp_path) == before
    assert chain_break(tmp_path) is None


@pytest.mark.parametrize(
    "spoil", ["deleted", "emptied", "of other code", "of another store", "ahead", "noise"]
)
async def test_a_read_file_that_cannot_be_used_is_made_anew(tmp_path: Path, spoil: str) -> None:
    """Nothing is lost with it."""
    await fill(tmp_path)
    before = await shown(tmp_path)
    (path,) = tmp_path.glob("read-*.db")
    if spoil == "deleted":
        path.unlink()
    elif spoil == "emptied":
        path.write_bytes(b"")
    elif spoil == "noise":
        path.write_bytes(b"noise" * 10_000)
    else:
        column, value = {
            "of other code": ("projection", "x"),
            "of another store": ("store_id", "x"),
            "ahead": ("position", 10_000),
        }[spoil]
        db = database(tmp_path, path.name)
        db.execute(f"UPDATE checkpoint SET {column} = ?", (value,))
        db.close()
    assert await shown(tmp_path) == before
    assert len(list(tmp_path.glob("read-*.db"))) == 1


async def test_a_read_file_that_is_behind_catches_up(tmp_path: Path) -> None:
    """As after a power cut, which may take its last transactions."""
    await fill(tmp_path)
    (path,) = tmp_path.glob("read-*.db")
    path.rename(tmp_path / "kept")
    await fill(tmp_path)
    before = await shown(tmp_path)
    for made in tmp_path.glob("read-*"):
        made.unlink()
    (tmp_path / "kept").rename(path)
    assert await shown(tmp_path) == before


async def test_a_log_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    """And the folder is let go: with the log as it was, it opens."""
    await fill(tmp_path, 3)
    before = await shown(tmp_path)
    whole = (tmp_path / "log.db").read_bytes()
    for _ in range(2):
        (tmp_path / "log.db").write_bytes(b"noise" * 1000)
        with pytest.raises(DataFolderUnusable, match=r"cannot be used: file is not a database\.$"):
            await shown(tmp_path)
    (tmp_path / "log.db").write_bytes(whole)
    assert await shown(tmp_path) == before


async def test_a_log_that_lacks_an_event_is_shown_up_to_there(tmp_path: Path) -> None:
    """It opens, and says where it stopped."""
    await fill(tmp_path, 3)
    for path in tmp_path.glob("read-*"):
        path.unlink()
    db = database(tmp_path)
    db.execute("DROP TRIGGER events_are_never_deleted")
    db.execute("DELETE FROM events WHERE position = 2")
    db.close()
    async with open_store(tmp_path) as store:
        assert "stopped at position 1, before event 3" in str(store.writer.projection_error)
        assert len((await store.read_model.images(ImageQuery(owner=OWNER))).value.images) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'somebody else' WHERE position = 1",
        "DELETE FROM events WHERE position = 20",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 1",
        f"INSERT INTO events SELECT 22, {MADE_UP}",
        f"REPLACE INTO events SELECT 5, {MADE_UP}",
    ],
)
async def test_the_log_can_only_be_appended_to(tmp_path: Path, statement: str) -> None:
    """Whoever has the file open cannot do otherwise by accident."""
    await fill(tmp_path)
    db = database(tmp_path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    db.close()
    assert chain_break(tmp_path) is None


async def test_a_change_behind_the_triggers_is_found_with_its_place(tmp_path: Path) -> None:
    """The chain covers every column."""
    await fill(tmp_path)
    db = database(tmp_path)
    db.execute("DROP TRIGGER events_are_never_changed")
    db.execute("UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 7")
    db.close()
    assert chain_break(tmp_path) == 7


async def test_personal_values_are_in_no_file_of_the_log(tmp_path: Path) -> None:
    """Only the read file, which can be thrown away, has them in the clear."""
    async with open_store(tmp_path) as store:
        secret = uploaded(ID, name="Grandmother-in-Rome.jpg", description="Piazza Navona", tags=("Giulia",))
        await store.log.append(append(f"image-{ID}", secret, command_id="c", fingerprint="Piazza Navona"))
        assert (await store.log.read_stream(f"image-{ID}"))[0].event == secret
        files = [path for path in tmp_path.iterdir() if path.is_file() and not path.name.startswith("read-")]
        content = b"".join(path.read_bytes() for path in files)
    for word in (b"Grandmother", b"Navona", b"Giulia"):
        assert word not in content


async def test_a_destroyed_key_erases_what_it_sealed_and_nothing_else(tmp_path: Path) -> None:
    """The chain stays whole, the event stays, its personal values are gone."""
    await fill(tmp_path, 2)
    db = database(tmp_path, "keys.db")
    db.execute("DELETE FROM keys WHERE number = 1")
    db.close()
    for path in tmp_path.glob("read-*"):
        path.unlink()
    async with open_store(tmp_path) as store:
        one, two = (recorded.event for recorded in await store.log.read(0, 10))
        page = (await store.read_model.images(ImageQuery(owner=OWNER))).value
    assert (getattr(one, "name", None), getattr(two, "name", None)) == ("", "beach.jpg")
    assert [view.name for view in page.images] == ["beach.jpg", ""]
    assert chain_break(tmp_path) is None


async def test_an_older_copy_of_the_keys_is_never_given_out_again(tmp_path: Path) -> None:
    """A key that is missing is missing; new streams take numbers that no event has used."""
    await fill(tmp_path, 3)
    db = database(tmp_path, "keys.db")
    db.execute("DELETE FROM keys WHERE number >= 2")
    db.close()
    await fill(tmp_path, 1)
    async with open_store(tmp_path) as store:
        names = [getattr(recorded.event, "name", None) for recorded in await store.log.read(0, 10)]
    assert names == ["beach.jpg", "", "", "beach.jpg"]


async def test_a_second_opening_is_refused(tmp_path: Path) -> None:
    """It is told who has the folder, and what to do."""
    async with open_store(tmp_path):
        with pytest.raises(DataFolderInUse, match=r"in use by process \d+.*DARKROOM_DATA"):
            async with open_store(tmp_path):
                pass
    async with open_store(tmp_path):
        pass


def test_a_dead_process_leaves_no_lock(tmp_path: Path) -> None:
    """The lock ends with its process, however that ends."""
    code = (
        "import asyncio, os, signal, sys\nfrom pathlib import Path\n"
        "from infrastructure.sqlite.store import open_store\n"
        "async def main():\n"
        "    async with open_store(Path(sys.argv[1])):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    for _ in range(2):
        ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=30)
        assert ended.returncode == -9


async def test_times_never_run_backwards(tmp_path: Path) -> None:
    """The clock may jump as it likes; positions say the order, times do not contradict it."""
    ticks = iter([5_000_000, 3_000_000, 9_000_000, 1])
    async with open_store(tmp_path, now=lambda: next(ticks)) as store:
        for _ in range(4):
            await store.log.append(append("image-1", ImageDeleted(image_id="1")))
        times = [recorded.recorded_at.timestamp() for recorded in await store.log.read(0, 10)]
    assert times == [5.0, 5.0, 9.0, 9.0]


async def test_a_full_queue_refuses_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is refused has changed nothing; whoever waits is served."""
    monkeypatch.setattr(writer_module, "QUEUE", 5)
    async with open_store(tmp_path) as store:
        appends = [store.log.append(append(f"image-{n}", ImageDeleted(image_id=str(n)))) for n in range(20)]
        results = await asyncio.gather(*appends, return_exceptions=True)
        assert sum(isinstance(result, Busy) for result in results) == 15
        assert store.log.head == 5


async def test_a_command_that_cannot_be_written_takes_no_other_with_it(tmp_path: Path) -> None:
    """Here one whose events would have the ids of another's; its neighbours in the group are recorded."""
    async with open_store(tmp_path) as store:
        ids = ("one", "two", "two", "three")
        commands = [
            append(f"image-{number}", ImageDeleted(image_id="1"), command_id=command_id)
            for number, command_id in enumerate(ids)
        ]
        outcomes = await asyncio.gather(*map(store.log.append, commands), return_exceptions=True)
        assert [isinstance(outcome, sqlite3.IntegrityError) for outcome in outcomes] == [
            False,
            False,
            True,
            False,
        ]
        assert [recorded.command_id for recorded in await store.log.read(0, 10)] == ["one", "two", "three"]
    assert chain_break(tmp_path) is None


async def test_a_disk_that_is_nearly_full_refuses_writes_and_goes_on_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And when there is room again, writing goes on by itself."""
    async with open_store(tmp_path) as store:
        await store.log.append(append(f"image-{ID}", uploaded(ID)))
        with monkeypatch.context() as full:
            full.setattr(writer_module, "RESERVE_BYTES", 2**62)
            with pytest.raises(StorageFull):
                await store.log.append(append(f"image-{ID}", ImageDeleted(image_id=ID)))
            assert (await store.read_model.image(OWNER, ID)).value is not None
        await store.log.append(append(f"image-{ID}", ImageDeleted(image_id=ID)))
        assert store.log.head == 2


async def test_a_closed_log_refuses_appends(tmp_path: Path) -> None:
    """What was taken before is written."""
    async with open_store(tmp_path) as store:
        last = asyncio.create_task(store.log.append(append("image-1", ImageDeleted(image_id="1"))))
        await asyncio.sleep(0)
        await store.writer.close()
        assert (await last).position == 1
        with pytest.raises(ShuttingDown):
            await store.log.append(append("image-1", ImageDeleted(image_id="1")))


async def test_an_append_goes_on_when_its_caller_leaves(tmp_path: Path) -> None:
    """What was asked for is done."""
    async with open_store(tmp_path) as store:
        asking = asyncio.create_task(store.log.append(append("image-1", ImageDeleted(image_id="1"))))
        await asyncio.sleep(0)
        asking.cancel()
        await store.log.append(append("image-1", ImageDeleted(image_id="1")))
        assert store.log.head == 2


async def test_a_read_model_that_stops_leaves_the_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appends are acknowledged, nobody is told too early, and folding resumes where it stopped."""
    broken: Callable[..., None] = lambda *_: 1 / 0  # type: ignore[assignment]  # noqa: E731
    async with open_store(tmp_path) as store:
        await store.log.append(append(f"image-{ID}", uploaded(ID)))
        with monkeypatch.context() as patched:
            patched.setattr("infrastructure.sqlite.folds.renditions.RenditionFold._requested", broken)
            appended = await store.log.append(append("rendering-1", requested(ID)))
            assert appended.position == 2
            assert store.log.head == 1
            assert "ZeroDivisionError" in str(store.writer.projection_error)
        await store.log.append(append(f"image-{ID}", ImageDeleted(image_id=ID)))
        assert store.log.head == 3
        assert store.writer.projection_error is None
        view = (await store.read_model.image(OWNER, ID)).value
        assert view is not None
        assert len(view.renditions) == 1


async def test_keys_are_destroyed_when_nobody_reads_them_any_more(tmp_path: Path) -> None:
    """Until then they stand in the write-ahead log; whoever asked is told, and asks again."""
    async with open_store(tmp_path) as store:
        await store.log.append(append(f"image-{ID}", uploaded(ID)))
        reader = database(tmp_path, "keys.db")
        reader.execute("BEGIN")
        (secret,) = reader.execute("SELECT secret FROM keys WHERE number = 1").fetchone()
        with pytest.raises(OSError, match="is being read"):
            await store.log.forget([f"image-{ID}"])
        reader.close()
        await store.log.forget([f"image-{ID}"])
        assert (tmp_path / "keys.db-wal").stat().st_size == 0
        assert secret not in (tmp_path / "keys.db").read_bytes()
