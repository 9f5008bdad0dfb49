"""`darkroom backup`, `restore` and `scrub`: copies that are whole, apart from their keys."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from domain.commands import DeleteImage, PurgeImage
from infrastructure.verification import verify
from tests.faults.gallery import fill, open_gallery, original, sha256
from tests.gql.told import Darkroom


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    asyncio.run(fill(folder))
    return folder


@pytest.fixture
def data(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with four images and their renditions."""
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path / "data"))
    return shutil.copytree(filled, tmp_path / "data")


def blob(folder: Path, content: bytes) -> Path:
    digest = sha256(content)
    return folder / "content" / digest[:2] / digest


def test_what_was_backed_up_is_restored(data: Path, tmp_path: Path, darkroom: Darkroom) -> None:
    """Every event, key and blob; the keys stand apart from the rest."""
    copy, keys = tmp_path / "copy", tmp_path / "keys" / "keys.db"
    assert darkroom("backup", copy, "--keys", keys).code == 0
    assert not list(copy.rglob("keys*"))
    shutil.rmtree(data)
    assert darkroom("restore", copy, "--keys", keys).code == 0
    assert list(verify(data)) == []
    assert blob(data, original(1)).read_bytes() == original(1)
    assert "what picture 3 shows" in darkroom("log", "grep", "picture 3").out
    assert darkroom("scrub").code == 0


async def test_a_folder_is_backed_up_while_it_is_written_to(tmp_path: Path) -> None:
    """Again and again into the same copy, each time whole."""
    from infrastructure.backup import backup  # noqa: PLC0415

    copy, keys = tmp_path / "copy", tmp_path / "keys.db"
    async with open_gallery(tmp_path / "data") as gallery:
        for number in range(4):
            uploading = asyncio.create_task(gallery.upload(original(number), f"picture {number}"))
            found = await asyncio.to_thread(lambda: list(backup(tmp_path / "data", copy, keys)))
            assert found == []
            await uploading


def test_what_was_purged_goes_out_of_the_copy(data: Path, tmp_path: Path, darkroom: Darkroom) -> None:
    """At the next backup into it."""
    copy, keys = tmp_path / "copy", tmp_path / "keys.db"
    assert darkroom("backup", copy, "--keys", keys).code == 0
    assert blob(copy, original(2)).exists()

    async def purge() -> None:
        async with open_gallery(data) as gallery:
            image_id = await gallery.upload(original(2), "the same again")
            await gallery.change(DeleteImage(image_id=image_id))
            await gallery.change(PurgeImage(image_id=image_id))

    asyncio.run(purge())
    assert darkroom("backup", copy, "--keys", keys).code == 0
    assert not blob(copy, original(2)).exists()
    assert blob(copy, original(1)).exists()


def test_damage_is_found_and_not_copied(data: Path, tmp_path: Path, darkroom: Darkroom) -> None:
    """And a good copy that was made before stays."""
    copy, keys = tmp_path / "copy", tmp_path / "keys.db"
    assert darkroom("backup", copy, "--keys", keys).code == 0
    damaged = blob(data, original(3))
    damaged.write_bytes(b"X" + original(3)[1:])
    scrubbed = darkroom("scrub", "--json")
    assert (scrubbed.code, [line["place"] for line in scrubbed.lines]) == (1, [sha256(original(3))])
    assert darkroom("backup", copy, "--keys", keys).code == 0
    assert blob(copy, original(3)).read_bytes() == original(3)
    assert darkroom("backup", tmp_path / "other", "--keys", keys).code == 1
    assert not blob(tmp_path / "other", original(3)).exists()
    damaged.unlink()
    missing = darkroom("scrub", "--json")
    assert (missing.code, [line["place"] for line in missing.lines]) == (1, [sha256(original(3))])


def test_what_no_image_needs_is_told_and_is_no_fault(data: Path, darkroom: Darkroom) -> None:
    """Unless it is so new that it may be on its way into the log."""
    orphan = blob(data, b"an orphan")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"an orphan")
    assert darkroom("scrub", "--json").lines == []
    os.utime(orphan, (0, 0))
    scrubbed = darkroom("scrub", "--json")
    assert (scrubbed.code, scrubbed.lines[0]["kind"]) == (0, "orphan")


def test_wrong_use_is_told(data: Path, tmp_path: Path, darkroom: Darkroom) -> None:
    """In a line, with what would be right."""
    (tmp_path / "empty").mkdir()
    assert darkroom("backup", tmp_path / "copy").code == 2
    refused = darkroom("restore", tmp_path / "empty", "--keys", data / "keys.db")
    assert (refused.code, refused.err) == (1, f"There is no {tmp_path / 'empty' / 'log.db'}.\n")
    refused = darkroom("restore", data, "--keys", data / "keys.db")
    assert refused.code == 1
    assert "is not empty" in refused.err


def test_a_restored_log_that_was_altered_is_told(data: Path, tmp_path: Path, darkroom: Darkroom) -> None:
    """With the position."""
    copy, keys = tmp_path / "copy", tmp_path / "keys.db"
    assert darkroom("backup", copy, "--keys", keys).code == 0
    log = (copy / "log.db").read_bytes()
    assert b"ImageDeleted" in log
    (copy / "log.db").write_bytes(log.replace(b"ImageDeleted", b"ImageDeIeted"))
    shutil.rmtree(data)
    restored = darkroom("restore", copy, "--keys", keys)
    assert restored.code == 1
    assert "event: position" in restored.out
