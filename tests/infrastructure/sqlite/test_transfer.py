"""A log that is exported and imported is the same log."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from domain.cursor import decode_cursor, encode_cursor
from domain.errors import AlreadyClaimed
from domain.events import ImageDescribed, ImageRenamed
from domain.ports.log import Claim, RecordedEvent
from domain.query import ImageQuery
from infrastructure.log.chain import first_break
from infrastructure.sqlite.lock import DataFolderInUse
from infrastructure.sqlite.log_export import export_keys, export_log, private_file
from infrastructure.sqlite.log_file import open_log
from infrastructure.sqlite.log_import import CannotImport, FolderNotEmpty, import_log
from infrastructure.sqlite.store import Store, open_store
from tests.examples import OWNER, append, context, requested, uploaded
from tests.logs import add_row

FIRST, SECOND = "a" * 32, "b" * 32
HASH = Claim("original", "f" * 64, f"image-{FIRST}")


async def fill(folder: Path) -> None:
    async with open_store(folder) as store:
        upload = append(
            f"image-{FIRST}",
            uploaded(FIRST, name="Grandma.jpg"),
            claims=(HASH,),
            command_id="upload-1",
            fingerprint="body",
            answer="first",
        )
        await store.log.append(upload)
        await store.log.append(append(f"rendering-{FIRST}", requested(FIRST)))
        await store.log.append(append(f"image-{SECOND}", uploaded(SECOND, name="Beach.jpg")))
        await store.log.append(append(f"image-{FIRST}", ImageRenamed(image_id=FIRST, name="Rome.jpg")))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    asyncio.run(fill(folder))
    add_row(folder, "ImagePainted", '{"colour":"red"}')
    return folder


def exported(folder: Path) -> bytes:
    file = io.BytesIO()
    with open_log(folder) as log:
        export_log(log, file, lambda _: None)
    return file.getvalue()


def keys_of(folder: Path) -> bytes:
    file = io.BytesIO()
    with open_log(folder) as log:
        export_keys(log, file)
    return file.getvalue()


def imported(folder: Path, log: bytes, keys: bytes | None = None) -> int:
    return import_log(folder, io.BytesIO(log), None if keys is None else io.BytesIO(keys), lambda _: None)


async def names(store: Store) -> list[str]:
    page = (await store.read_model.images(ImageQuery(owner=OWNER))).value
    return sorted(image.name for image in page.images)


def copied(source: Path, target: Path) -> Path:
    """A folder with the log and the keys of another."""
    assert imported(target, exported(source), keys_of(source)) == 5
    return target


async def everything(folder: Path) -> tuple[list[RecordedEvent], list[str]]:
    """All events, and the names of all images."""
    async with open_store(folder) as store:
        return list(await store.log.read(0, 1000)), await names(store)


def test_an_imported_log_is_the_same_log(source: Path, tmp_path: Path) -> None:
    """Every column and hash, what is unknown, personal values, and the cursors that programs keep."""
    target = copied(source, tmp_path / "target")
    with open_log(source) as one, open_log(target) as other:
        assert list(one.rows(0, 9)) == list(other.rows(0, 9))
        assert first_break(other.rows(0, 9)) is None
        cursor = encode_cursor(one.store_id, 3)
        assert decode_cursor(cursor, other.store_id, other.head) == 3
    events, shown = asyncio.run(everything(target))
    assert (events, shown) == asyncio.run(everything(source))
    assert shown == ["Beach.jpg", "Rome.jpg"]


async def test_an_imported_log_refuses_what_the_other_would(source: Path, tmp_path: Path) -> None:
    """Claims and commands come along; and it goes on."""
    target = await asyncio.to_thread(copied, source, tmp_path / "target")
    async with open_store(target) as store:
        again = await store.log.answered(context("upload-1", "body"))
        assert again is not None
        assert (again.answer, again.repeated) == ("first", True)
        claim = Claim("original", HASH.value, f"image-{SECOND}")
        with pytest.raises(AlreadyClaimed):
            await store.log.append(append("image-x", uploaded("c" * 32), claims=(claim,)))
        await store.log.append(append(f"image-{FIRST}", ImageDescribed(image_id=FIRST, description="Rome")))
        third = await store.log.append(append("image-c", uploaded("c" * 32, name="New.jpg")))
        assert third.position == 7
        assert await names(store) == ["Beach.jpg", "New.jpg", "Rome.jpg"]


async def test_without_the_keys_personal_values_are_gone_and_the_log_goes_on(
    source: Path, tmp_path: Path
) -> None:
    """No key of before is ever used again: what it sealed stays closed, in this log and in a later copy."""
    log = await asyncio.to_thread(exported, source)
    assert b"Grandma" not in log
    await asyncio.to_thread(imported, tmp_path / "target", log)
    async with open_store(tmp_path / "target") as store:
        assert await names(store) == ["", ""]
        await store.log.append(append(f"image-{FIRST}", ImageRenamed(image_id=FIRST, name="Again.jpg")))
        await store.log.append(append("image-c", uploaded("c" * 32, name="New.jpg")))
        assert await names(store) == ["", "Again.jpg", "New.jpg"]
    log = await asyncio.to_thread(exported, tmp_path / "target")
    keys = await asyncio.to_thread(keys_of, tmp_path / "target")
    await asyncio.to_thread(imported, tmp_path / "copy", log, keys)
    async with open_store(tmp_path / "copy") as store:
        await store.log.append(append(f"image-{SECOND}", ImageRenamed(image_id=SECOND, name="Two.jpg")))
        assert await names(store) == ["Again.jpg", "New.jpg", "Two.jpg"]


def test_the_export_is_of_one_moment(source: Path) -> None:
    """What is appended meanwhile is not in it, nor is a claim of it."""

    async def append_late() -> None:
        async with open_store(source) as store:
            late = Claim("original", "e" * 64, "image-late")
            await store.log.append(append("image-late", uploaded("c" * 32), claims=(late,)))

    def at_the_first(_: int) -> None:
        if not thread.ident:
            thread.start()
            thread.join()

    thread = threading.Thread(target=lambda: asyncio.run(append_late()))
    file = io.BytesIO()
    with open_log(source) as log:
        assert export_log(log, file, at_the_first) == 5
        assert log.head == 6
    assert b"image-late" not in file.getvalue()


def test_an_empty_log_is_exported_too(tmp_path: Path) -> None:
    """Its id is worth something."""
    import_log(tmp_path / "one", io.BytesIO(EMPTY), None, lambda _: None)
    with open_log(tmp_path / "one") as log:
        assert (log.store_id, log.head) == ("0123abcd", 0)
    assert exported(tmp_path / "one") == EMPTY


EMPTY = (
    b'{"line":"log","format":1,"store_id":"0123abcd","events":0}\n'
    b'{"line":"end","sha256":"bd5852c4bece48ce04f6f5399e384b79a5a4b9a16ce8a59688c83fa0962d66ca"}\n'
)


def change(number: int, **values: object) -> Callable[[list[bytes]], list[bytes]]:
    def changed(lines: list[bytes]) -> list[bytes]:
        line: dict[str, Any] = json.loads(lines[number]) | values
        return [*lines[:number], json.dumps(line).encode(), *lines[number + 1 :]]

    return changed


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change(3, actor="somebody else"), "Line 4: The log is broken at position 3"),
        (change(3, payload="{}"), "Line 4: The log is broken at position 3"),
        (change(3, hash="0" * 64), "Line 4: The log is broken at position 3"),
        (lambda lines: lines[:3] + lines[4:], "Line 4: The log is broken at position 3"),
        (
            lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
            "Line 3: The log is broken at position 2",
        ),
        (lambda lines: lines[:5], "Line 6: The file is cut off here"),
        (lambda lines: lines[:-1], "The file is cut off here"),
        (lambda lines: [*lines[:-2], lines[-1]], "The lines before are not those that were exported"),
        (lambda lines: [*lines, b"{}"], "Something comes after the end"),
        (lambda lines: lines[1:], "Line 1: It does not begin an exported log"),
        (lambda lines: [b"P5 640 480", *lines], "Line 1: It cannot be read"),
        (lambda lines: [b"\xff", *lines], "Line 1: It cannot be read"),
        (lambda lines: [b"[" * 100_000, *lines], "Line 1: It cannot be read"),
        (lambda _: [], "Line 1: The file is cut off here"),
        (change(0, format=2), "Line 1: It is of format 2"),
        (change(0, events=4), "Line 6: It does not belong here"),
        (change(0, events=6), "Line 7: There should be 6 events"),
        (change(2, event_id="00"), "Line 3: It cannot be read"),
        (change(2, version=-1), "Line 3: It cannot be read"),
        (change(2, colour="red"), "Line 3: It cannot be read"),
        (change(-2, position=99), "It does not belong here"),
        (lambda lines: [*lines[:-1], lines[-2], lines[-1]], "It does not fit what came before"),
    ],
)
def test_what_was_not_exported_is_not_imported(
    source: Path, tmp_path: Path, spoil: Callable[[list[bytes]], list[bytes]], message: str
) -> None:
    """The line is told, and the position where the chain breaks; nothing is left behind."""
    lines = spoil(exported(source).splitlines())
    with pytest.raises(CannotImport, match=message):
        imported(tmp_path / "target", b"".join(line + b"\n" for line in lines), keys_of(source))
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["darkroom.lock"]
    assert imported(tmp_path / "target", exported(source), keys_of(source)) == 5


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change(0, store_id="ffffffff"), "not the keys of this log"),
        (lambda lines: lines[1:], "Keys, line 1: It does not belong here"),
        (lambda lines: [*lines, lines[0]], "It does not belong here"),
        (lambda lines: [*lines, lines[-1]], "It was there before"),
        (lambda lines: lines[:4], "they are older"),
        (lambda _: [b"{"], "Keys, line 1: It cannot be read"),
        (lambda _: [], "they are older"),
    ],
)
def test_keys_that_do_not_fit_are_refused(
    source: Path, tmp_path: Path, spoil: Callable[[list[bytes]], list[bytes]], message: str
) -> None:
    """Better no import than one in which a number would be used for a second key."""
    keys = spoil(keys_of(source).splitlines())
    with pytest.raises(CannotImport, match=message):
        imported(tmp_path / "target", exported(source), b"".join(line + b"\n" for line in keys))
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["darkroom.lock"]


async def test_a_folder_that_has_a_log_keeps_it(source: Path) -> None:
    """Whether somebody has it open or not."""
    log = await asyncio.to_thread(exported, source)
    with pytest.raises(FolderNotEmpty):
        await asyncio.to_thread(imported, source, log)
    async with open_store(source):
        with pytest.raises(DataFolderInUse):
            await asyncio.to_thread(imported, source, log)


def test_a_file_of_keys_is_its_owners_and_new(tmp_path: Path) -> None:
    """Nobody else may read it; what is there is not written over; a part of one is worth nothing."""
    path = tmp_path / "keys.jsonl"
    with suppress(ZeroDivisionError), private_file(path) as file:
        file.write(b"a part")
        raise ZeroDivisionError
    assert not path.exists()
    with private_file(path) as file:
        file.write(b"all")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError), private_file(path):
        pass
    assert path.read_bytes() == b"all"
