"""The verification of a data folder: silent where all is well, and to the point where it is not."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from domain.events import ImageDeleted
from infrastructure.sqlite.store import open_store
from infrastructure.verification import Finding, Kind, verify
from tests.examples import append
from tests.faults.gallery import fill, open_gallery, original, sha256

SHOWN = Kind.READ_MODEL


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    asyncio.run(fill(folder))
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    """A copy of a whole folder, to be spoiled."""
    return shutil.copytree(filled, tmp_path / "data")


async def one_more_event(folder: Path) -> int:
    async with open_store(folder) as store:
        last = append("image-1", ImageDeleted(image_id="1"), command_id="last", fingerprint="")
        return (await store.log.append(last)).position


def change(path: Path, *statements: str) -> None:
    """Whatever the triggers say."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert db.execute(statement).rowcount == 1


def blob(folder: Path, digest: str) -> Path:
    return folder / "content" / digest[:2] / digest


def places(folder: Path, kind: Kind) -> list[str]:
    found = list(verify(folder))
    assert {finding.kind for finding in found} == {kind}, found
    return [finding.place for finding in found]


def test_a_whole_folder_has_no_findings_and_is_left_as_it_was(folder: Path) -> None:
    """Not even a file beside the others is made."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert list(verify(folder)) == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


async def test_a_folder_is_verified_while_it_is_in_use(tmp_path: Path) -> None:
    """What is written meanwhile is no finding, and neither is what waits in a write-ahead log."""
    async with open_gallery(tmp_path) as gallery:
        going = True

        async def upload() -> None:
            number = 0
            while going or number < 10:
                await gallery.upload(original(number), f"picture {number}")
                number += 1

        uploading = asyncio.create_task(upload())
        for _ in range(3):
            assert await asyncio.to_thread(list, verify(tmp_path)) == []
        going = False
        await uploading
        assert await asyncio.to_thread(list, verify(tmp_path)) == []


def test_progress_is_told_part_by_part(folder: Path) -> None:
    """Each comes to its end."""
    told: list[tuple[str, int, int]] = []
    list(verify(folder, lambda *progress: told.append(progress)))
    last = {name: (done, total) for name, done, total in told}
    assert set(last) == {"log.db", "keys.db", "read-1.db", "content"}
    head = 4 + 4 * 2 + 4 * 2 * 3 + 1
    assert last["log.db"] == last["read-1.db"] == (head, head)
    assert last["content"][0] == last["content"][1] > 0


def test_a_folder_without_a_log_is_a_finding(tmp_path: Path) -> None:
    """And no error."""
    found = list(verify(tmp_path))
    assert found[:2] == [
        Finding(Kind.FILE, "log.db", "The file is missing."),
        Finding(Kind.FILE, "keys.db", "The file is missing."),
    ]


def test_missing_keys_do_not_keep_the_chain_from_being_checked(folder: Path) -> None:
    """A log that was restored without its keys is a log."""
    (folder / "keys.db").unlink()
    for path in folder.glob("read-*"):
        path.unlink()
    assert places(folder, Kind.FILE) == ["keys.db"]
    change(folder / "log.db", "UPDATE events SET owner = 'x' WHERE position = 3")
    assert "position 3" in [finding.place for finding in verify(folder)]


@pytest.mark.parametrize("position", [1, 7, 33])
def test_a_changed_event_is_named(folder: Path, position: int) -> None:
    """By its position, and no other is."""
    change(folder / "log.db", f"UPDATE events SET recorded_at = recorded_at + 1 WHERE position = {position}")
    assert places(folder, Kind.EVENT) == [f"position {position}"]


def test_every_changed_event_is_named(folder: Path) -> None:
    """What comes after the first is looked at as well."""
    change(
        folder / "log.db",
        "UPDATE events SET actor = 'x' WHERE position = 5",
        "DELETE FROM events WHERE position = 9",
        "UPDATE events SET payload = '{}' WHERE position = 20",
    )
    named = [finding.place for finding in verify(folder) if finding.kind is Kind.EVENT]
    assert named == ["position 5", "position 9", "position 20"]


def test_a_log_that_was_cut_off_is_found_by_the_answers_that_were_given(folder: Path) -> None:
    """The chain of what is left is whole."""
    position = asyncio.run(one_more_event(folder))
    for path in folder.glob("read-*"):
        path.unlink()
    change(folder / "log.db", f"DELETE FROM events WHERE position = {position}")
    assert places(folder, Kind.EVENT) == [f"position {position}"]


@pytest.mark.parametrize(
    ("file", "statement", "kind", "place"),
    [
        ("log.db", "UPDATE claims SET holder = 'image-x' WHERE rowid_of = 1", Kind.CLAIM, "position 1"),
        ("log.db", "DELETE FROM claims WHERE rowid_of = 1", Kind.CLAIM, "position 1"),
        ("log.db", "UPDATE sealed_streams SET key = 99 WHERE key = 1", Kind.KEY, "position 1"),
        ("log.db", "UPDATE commands SET position = 2 WHERE position = 3", Kind.COMMAND, "position 3"),
        ("keys.db", "UPDATE keys SET secret = zeroblob(32) WHERE number = 1", Kind.KEY, "position 1"),
        ("read-1.db", "UPDATE images SET width = 3 WHERE position = 1", SHOWN, "read-1.db images"),
        ("read-1.db", "DELETE FROM image_tags WHERE (tag,image) = ('one',1)", SHOWN, "read-1.db image_tags"),
        ("read-1.db", "UPDATE image_text SET body = 'x' WHERE rowid = 1", SHOWN, "read-1.db image_text"),
        ("read-1.db", "UPDATE checkpoint SET position = position - 1", SHOWN, "read-1.db renditions"),
        ("read-1.db", "UPDATE checkpoint SET position = 1000", SHOWN, "read-1.db"),
    ],
)  # fmt: skip
def test_what_does_not_agree_with_the_events_is_found(
    folder: Path, file: str, statement: str, kind: Kind, place: str
) -> None:
    """Whatever refuses a command, opens a sealed value or is shown."""
    first = f"value = '{sha256(original(0))}'"
    change(folder / file, statement.replace("rowid_of = 1", first))
    assert place in places(folder, kind)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(bytes(3000)), "Its bytes have another hash"),
        (lambda path: path.unlink(), "cannot be found"),
        (lambda path: os.truncate(path, 10), "Has 10 bytes; position 1 says 3000"),
    ],
)
def test_a_blob_that_is_not_what_it_was_is_named(
    folder: Path, spoil: Callable[[Path], None], message: str
) -> None:
    """By its hash."""
    digest = sha256(original(0))
    spoil(blob(folder, digest))
    found = list(verify(folder))
    assert {(finding.kind, finding.place) for finding in found} == {(Kind.BLOB, digest)}
    assert any(message in finding.message for finding in found)


def test_a_blob_in_the_wrong_place_is_found(folder: Path) -> None:
    """Nobody would find it there."""
    digest = sha256(original(1))
    (folder / "content" / "zz").mkdir()
    blob(folder, digest).rename(folder / "content" / "zz" / digest)
    assert places(folder, Kind.BLOB) == [digest, digest]


def test_a_read_file_of_other_code_is_left_out(folder: Path) -> None:
    """The next start makes it anew."""
    change(folder / "read-1.db", "UPDATE checkpoint SET projection = 'x', position = 3")
    assert list(verify(folder)) == []


def test_garbage_is_a_finding(folder: Path) -> None:
    """Whichever of the files it is."""
    for name in ("read-1.db", "keys.db", "log.db"):
        (folder / name).write_bytes(b"noise" * 10_000)
        assert name in [finding.place for finding in verify(folder)]
