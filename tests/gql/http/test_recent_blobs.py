"""Small files are read once, as long as there is room, and forgotten when they must be."""

from __future__ import annotations

import asyncio

from gql.http.recent_blobs import LARGEST, RecentBlobs


class Disk:
    """Says what was read. It waits where it is told to."""

    def __init__(self, size: int = 10) -> None:
        self.size = size
        self.read = 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> bytes:
        self.read += 1
        await self.open.wait()
        return bytes(self.size)


async def test_what_was_read_is_not_read_again() -> None:
    """From memory comes what the disk gave."""
    recent, disk = RecentBlobs(100), Disk()
    assert await recent.read("a", disk) == await recent.read("a", disk) == bytes(10)
    assert disk.read == 1


async def test_those_used_last_are_kept() -> None:
    """Bytes are bounded, by letting go of what was not asked for longest."""
    recent, disk = RecentBlobs(20), Disk()
    for name in "abacab":
        await recent.read(name, disk)
    assert disk.read == 4, "b was pushed out by c"


async def test_what_is_large_is_not_kept() -> None:
    """It would push out too many others."""
    recent, disk = RecentBlobs(10 * LARGEST), Disk(LARGEST + 1)
    await recent.read("a", disk)
    await recent.read("a", disk)
    assert disk.read == 2


async def test_what_is_forgotten_is_gone() -> None:
    """And so is its share of the room."""
    recent, disk = RecentBlobs(10), Disk()
    for _ in range(3):
        await recent.read("a", disk)
        recent.forget("a")
    assert disk.read == 3
    await recent.read("b", disk)
    await recent.read("b", disk)
    assert disk.read == 4


async def test_what_is_forgotten_while_it_is_read_is_not_kept() -> None:
    """It may have been read just before it was removed."""
    recent, disk = RecentBlobs(100), Disk()
    disk.open.clear()
    reading = asyncio.create_task(recent.read("a", disk))
    await asyncio.sleep(0)
    recent.forget("a")
    disk.open.set()
    assert await reading == bytes(10)
    await recent.read("a", disk)
    assert disk.read == 2
