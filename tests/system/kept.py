"""What a server has to show for what it was asked, which is nothing where that was wrong."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.server import Server, position_of
from tests.system.doors import PICTURES

_numbers: Final = itertools.count(1)

_EVENTS: Final = 3
"""Of an upload that is not rendered: uploaded, begun to be examined, examined."""


class Kept(NamedTuple):
    head: int
    content: frozenset[str]
    outside: frozenset[str]
    """Whatever stands beside the data folder."""


@asynccontextmanager
async def nothing_kept(server: Server) -> AsyncIterator[None]:
    """Whatever is done meanwhile, nothing has come of it in the end, and a good upload works."""
    before = await _kept(server)
    yield
    await _staging_is_empty(server.folder)
    assert await _kept(server) == before
    payload = await server.upload(PICTURES.make(next(_numbers)), "good.jpg")
    assert payload["userErrors"] == []
    async with asyncio.timeout(20):
        while (await _kept(server)).head < before.head + _EVENTS:
            await asyncio.sleep(0.01)
    assert (await _kept(server)).head == before.head + _EVENTS


async def _kept(server: Server) -> Kept:
    folder = server.folder
    content, outside = await asyncio.to_thread(lambda: (_files(folder / "content"), _names(folder.parent)))
    return Kept(position_of(await server.head()), content, outside)


async def _staging_is_empty(folder: Path) -> None:
    """At once, or, for a client that has gone away, when the server has heard of it."""
    async with asyncio.timeout(10):
        while _names(folder / "staging"):
            await asyncio.sleep(0.01)


def _files(folder: Path) -> frozenset[str]:
    return frozenset(path.name for path in folder.rglob("*") if path.is_file())


def _names(folder: Path) -> frozenset[str]:
    return frozenset(path.name for path in folder.iterdir())
