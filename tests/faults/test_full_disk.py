"""A disk that is full: small file systems, which are made larger while the store runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from domain.commands import DescribeImage
from domain.errors import StorageFull
from infrastructure.content.store import RESERVE
from infrastructure.sqlite import upkeep, writer
from infrastructure.verification import verify
from tests.crash.pictures import Pictures
from tests.faults.gallery import open_gallery, original, sha256
from tests.server import Data, Refused, running_server

MIB: Final = 1024 * 1024
DESCRIBE: Final = """
    mutation ($input: DescribeImageInput!) {
        describeImage(input: $input) { image { description } userErrors { code } }
    }
"""
IMAGES: Final = "{ images(first: 100) { nodes { name original { url } } } }"


class SmallDisk:
    """A file system in memory whose size can be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mount(self, size: int) -> None:
        """Skips the test where that is not permitted."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(self.folder)]
        if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("filling a disk takes a small one, and mounting it the rights of root")

    async def resize(self, size: int) -> None:
        command = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        await asyncio.to_thread(subprocess.run, command, check=True)

    async def fill(self) -> None:
        """Leave less than a page. What is written meanwhile needs more than was counted: then once more."""
        for _ in range(100):
            used = os.statvfs(self.folder)
            with suppress(subprocess.CalledProcessError):
                await self.resize((used.f_blocks - used.f_bfree) * used.f_frsize)
                return
        pytest.fail("whatever is written, more is written meanwhile")

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    disk = SmallDisk(folder)
    disk.mount(RESERVE + 4 * MIB)
    yield disk
    disk.unmount()


async def test_a_server_on_a_full_disk_refuses_goes_on_reading_and_resumes(disk: SmallDisk) -> None:
    """Each refusal is STORAGE_FULL, and once there is room what was refused is done, without a restart."""
    source = Pictures(1)
    pictures = [picture for number in range(100) if len(picture := source.make(number)) > 100_000]
    async with running_server(disk.folder / "data", upload_presets="") as server:

        async def upload(number: int) -> list[str]:
            name, command_id = f"picture {number}", f"command {number}"
            return await codes(server.upload(pictures[number], name, commandId=command_id))

        async def describe(text: str) -> list[str]:
            wanted = {"id": image_id, "description": text}
            return await codes(server.query(DESCRIBE, input=wanted))

        async def read_all() -> set[str]:
            found = (await server.query(IMAGES))["images"]["nodes"]
            for node in found:
                number = int(node["name"].split()[1])
                answer = await server.http.get(node["original"]["url"])
                assert answer.content == pictures[number]
            return {node["name"] for node in found}

        image_id = (await server.upload(pictures[0], "picture 0"))["image"]["id"]
        kept = 1
        while not (refused := await upload(kept)):
            kept += 1
        assert refused == ["STORAGE_FULL"]
        assert kept > 3
        names = {f"picture {number}" for number in range(kept)}
        assert await read_all() == names
        assert await describe("what is small is still recorded") == []

        await disk.fill()
        assert await upload(kept) == ["STORAGE_FULL"]
        assert await describe("now even this is too much") == ["STORAGE_FULL"]
        assert await read_all() == names

        await disk.resize(RESERVE + 64 * MIB)
        assert await describe("there is room again") == []
        assert await upload(kept) == []
        assert await read_all() == {*names, f"picture {kept}"}
        assert list((disk.folder / "data" / "staging").iterdir()) == []
        assert await server.stop() == 0
    assert await asyncio.to_thread(list, verify(disk.folder / "data")) == []


async def codes(asking: Awaitable[Data]) -> list[str]:
    """What a request was refused with, be it by the transport or by its mutation."""
    try:
        answer = await asking
    except Refused as refused:
        return refused.codes
    payload = answer.get("describeImage", answer)
    return [error["code"] for error in payload["userErrors"]]


async def test_what_the_reserve_did_not_foresee_is_refused_the_same(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write it is that finds no room: of an original, a rendition, the log or the read file."""
    monkeypatch.setattr(writer, "RESERVE_BYTES", 0)
    monkeypatch.setattr(upkeep, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(StorageFull, "retry_after", 0.01)
    await disk.resize(4 * MIB)
    async with open_gallery(disk.folder / "data") as gallery:
        number, kept, said = 0, list[int](), set[str]()
        for step in range(1, 6):
            await disk.fill()
            refused: list[int] = []
            for _ in range(5):
                number += 1
                try:
                    await gallery.upload(original(number, 50_000), f"picture {number}")
                except StorageFull as full:
                    refused.append(number)
                    said.add(full.message)
                else:
                    kept.append(number)
                used = os.statvfs(disk.folder)
                await disk.resize((used.f_blocks - used.f_bfree) * used.f_frsize + step * 20_000)
            assert refused
            await disk.resize((4 + step) * MIB)
            for again in refused:
                image_id = await gallery.upload(original(again, 50_000), f"picture {again}")
                await gallery.change(DescribeImage(image_id=image_id, description="there is room again"))
                kept.append(again)
            await gallery.settled()
            shown = {image.sha256 for image in await gallery.shown()}
            assert shown == {sha256(original(each, 50_000)) for each in kept}
        assert len(said) == 2, "the content store and the log should both have been refused room"
    assert await asyncio.to_thread(list, verify(disk.folder / "data")) == []
