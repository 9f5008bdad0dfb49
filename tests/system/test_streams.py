"""Uploads that are too long, break off, or never end: how they arrive, and what stays of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from itertools import repeat
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from domain.errors import FileTooLarge, UnsupportedType
from tests.server import Server, running_server
from tests.system.doors import PICTURE, PICTURES, Outcome
from tests.system.kept import nothing_kept
from tests.system.raw import CHUNKED, PIECE, beginning, body, chunked, connected, head, size
from tests.system.watch import MIB, Watch

pytestmark = pytest.mark.asyncio(loop_scope="module")

LARGE: Final = 500 * MIB
TEN_GB: Final = 10 * 10**9
LARGEST: Final = 4 * MIB
UNDERWAY: Final = 24 * MIB
"""Bytes that may be on their way in the buffers of two sockets before a refusal is heard."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Takes a few MB, so that an upload reaches its staging area before it is too large."""
    folder = tmp_path_factory.mktemp("strict") / "data"
    async with running_server(folder, max_upload=LARGEST, upload_presets="") as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def generous(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Takes 600 MB."""
    folder = tmp_path_factory.mktemp("generous") / "data"
    async with running_server(folder, max_upload="600M", upload_presets="") as server:
        yield server


@pytest.mark.parametrize("length", [f"Content-Length: {TEN_GB}", CHUNKED], ids=["announced", "chunked"])
async def test_ten_gigabytes_are_refused_when_the_limit_is_passed(strict: Server, length: str) -> None:
    """Announced or not: the sender hears it while it sends, and nothing is kept."""
    async with nothing_kept(strict), connected(strict.url) as connection:
        await connection.send(head(strict.url, length))
        pieces = body(PICTURE, TEN_GB)
        await connection.pour(chunked(pieces) if length == CHUNKED else pieces)
        assert await connection.outcome() == Outcome(413, FileTooLarge.code)
        assert connection.sent < LARGEST + UNDERWAY


@pytest.mark.parametrize("farewell", ["close", "reset"])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
async def test_an_upload_that_breaks_off_leaves_nothing(strict: Server, share: float, farewell: str) -> None:
    """In its fields, at the start of its file, or when a part of it is in staging already."""
    start = beginning(PICTURE)
    async with nothing_kept(strict), connected(strict.url) as connection:
        await connection.send(head(strict.url, f"Content-Length: {LARGEST}"))
        await connection.send(start[: int(share * len(start))])
        if share == 1:
            await connection.pour(repeat(PIECE, 2 * MIB // len(PIECE)))
            await until_staged(strict.folder)
        if farewell == "reset":
            connection.reset()


@pytest.mark.parametrize(
    ("content", "expected"),
    [(PICTURE, ""), (b"no picture", UnsupportedType.code)],
    ids=["accepted", "refused"],
)
async def test_half_a_gigabyte_takes_no_memory(generous: Server, content: bytes, expected: str) -> None:
    """Whether it is kept in the end or not, it goes to the disk as it comes."""
    await generous.upload(PICTURES.make(1), "first.jpg")
    length = f"Content-Length: {size(content, LARGE)}"
    with Watch(generous.url, generous.process.pid) as watch:
        async with connected(generous.url) as connection:
            await connection.send(head(generous.url, length))
            await connection.pour(body(content, LARGE))
            assert await connection.outcome() == Outcome(200, expected)
    assert watch.failures == []
    print(f"grown by {watch.grown / MIB:.1f} MB; /health/live took {watch.slowest * 1000:.0f} ms at most")
    assert watch.grown < 32 * MIB
    assert list((generous.folder / "staging").iterdir()) == []
    assert (content_of(generous.folder, content) is not None) == (not expected)


async def until_staged(folder: Path) -> None:
    async with asyncio.timeout(10):
        while not any((folder / "staging").iterdir()):
            await asyncio.sleep(0.01)


def content_of(folder: Path, beginning: bytes) -> Path | None:
    """Where a file stands that begins so and goes on with half a gigabyte of nothing."""
    digest = hashlib.sha256(beginning)
    for piece in repeat(PIECE, LARGE // len(PIECE)):
        digest.update(piece)
    return next((folder / "content").rglob(digest.hexdigest()), None)
