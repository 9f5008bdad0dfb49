"""Tiles of large pictures, made in the background when somebody begins to look at one closely."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import anyio
from anyio import to_thread

from domain.errors import NotFound, Refusal, Unavailable
from domain.operations.catalogue import Size, announced_size
from domain.picture import TILE, Original, TileName
from domain.ports.content import ContentStore
from domain.recipe import Recipe, digest, recipe_data
from domain.rendition import ENGINE
from infrastructure.deaths import Deaths
from infrastructure.pixels.executor import Executor
from infrastructure.pixels.failures import checked
from infrastructure.pixels.memory import memory
from infrastructure.pixels.plan import applicable
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.pyramid import BuildPyramid
from infrastructure.tiles import TileFolder

LARGE: Final = 16_000_000
"""A picture of more pixels is worth its tiles; a smaller one is decoded for each, in 0.2 s at most."""

MOST_WAITING: Final = 64
MOST_VAIN: Final = 1000
"""Pictures that are remembered not to be tried again."""

log = logging.getLogger("darkroom.pyramids")


class _Wanted(NamedTuple):
    original: Original
    recipe: Recipe

    @property
    def key(self) -> tuple[str, str]:
        """Hashes of the original, and of what is made of it."""
        return self.original.sha256, digest({"recipe": recipe_data(self.recipe), "engine": ENGINE})

    @property
    def size(self) -> Size:
        return announced_size(self.recipe, self.original.header.shown_size)

    @property
    def is_large(self) -> bool:
        width, height = self.size
        return width * height > LARGE


class Pyramids:
    """The port `Tiles`. What is asked for and not there is made behind everything else, one at a time.

    All methods belong to one event loop, but `sweep`, which blocks.
    """

    def __init__(
        self, pool: Pool, executor: Executor, store: ContentStore, deaths: Deaths, data: Path
    ) -> None:
        self._pool = pool
        self._executor = executor
        self._store = store
        self._deaths = deaths
        self._tiles = TileFolder(data)
        self._waiting: dict[tuple[str, str], _Wanted] = {}
        self._vain: set[tuple[str, str]] = set()
        self._asked = anyio.Event()
        self._begun: tuple[str, str] | None = None
        self._ended = anyio.Event()

    def sweep(self) -> None:
        """Remove what an end in the wrong moment has left. For the start."""
        self._tiles.sweep(self._is_there)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Make what is wanted while the context lasts; what is not made then has to be asked for again."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._work)
            yield
            tasks.cancel_scope.cancel()

    async def prepare(self, original: Original, recipe: Recipe) -> None:
        wanted = _Wanted(original, recipe)
        key = wanted.key
        if not wanted.is_large or key in self._waiting or key in self._vain:
            return
        if len(self._waiting) < MOST_WAITING and not await to_thread.run_sync(self._tiles.has, *key):
            self._waiting[key] = wanted
            self._asked.set()

    async def read(self, original: Original, recipe: Recipe, tile: TileName) -> bytes | None:
        wanted = _Wanted(original, recipe)
        if not wanted.is_large:
            return None
        content = await to_thread.run_sync(self._tiles.read, *wanted.key, tile)
        if content is None and self._begun == wanted.key and max(wanted.size) > TILE * tile.factor:
            await self._ended.wait()
            content = await to_thread.run_sync(self._tiles.read, *wanted.key, tile)
        return content

    async def forget(self, sha256: str) -> None:
        """What is being made at this moment removes itself."""
        for key in [key for key in self._waiting if key[0] == sha256]:
            del self._waiting[key]
        await to_thread.run_sync(self._tiles.remove, sha256)

    async def _work(self) -> None:
        while True:
            self._asked = anyio.Event()
            if not self._waiting:
                await self._asked.wait()
            while self._waiting:
                key, wanted = next(iter(self._waiting.items()))
                rest = await self._build(wanted)
                self._waiting.pop(key, None)
                await anyio.sleep(rest)

    async def _build(self, wanted: _Wanted) -> float:
        """The seconds after which the next may be tried."""
        self._ended = anyio.Event()
        try:
            return await self._tried(wanted)
        finally:
            self._begun = None
            self._ended.set()

    async def _tried(self, wanted: _Wanted) -> float:
        sha256 = wanted.original.sha256
        try:
            cost = wanted.original.byte_size + _memory(wanted)
            await self._pool.run(self._made, wanted, cost, cost=cost, background=True)
        except NotFound:
            log.info("no tiles of %s, which is gone", sha256)
        except Unavailable as busy:
            log.info("no tiles of %s yet: %s", sha256, busy.message)
            return busy.retry_after
        except OSError as error:
            log.warning("no tiles of %s yet: %s", sha256, error)
        except Refusal as refusal:
            self._give_up(wanted)
            log.warning("no tiles of %s: %s", sha256, refusal.message)
        except Exception:
            self._give_up(wanted)
            log.exception("making tiles of %s", sha256)
        return 0

    def _give_up(self, wanted: _Wanted) -> None:
        if len(self._vain) >= MOST_VAIN:
            self._vain.clear()
        self._vain.add(wanted.key)

    # -- in a thread of the pool

    def _made(self, wanted: _Wanted, cost: int) -> None:
        """An original that is removed meanwhile leaves no tiles behind: whoever removes it looks for the
        tiles afterwards, and this looks for the original."""
        self._begun = wanted.key
        original = wanted.original
        task = BuildPyramid(original.header, wanted.recipe, TILE)
        counted = self._deaths.counted(original.sha256, wanted.recipe)
        with self._store.open(original.sha256) as file, counted:
            pyramid = checked(self._executor.execute(task, file, cost))
        try:
            self._tiles.write(*wanted.key, pyramid)
        finally:
            if not self._is_there(original.sha256):
                self._tiles.remove(original.sha256)

    def _is_there(self, sha256: str) -> bool:
        try:
            self._store.open(sha256).close()
        except NotFound:
            return False
        return True


def _memory(wanted: _Wanted) -> int:
    """In bytes. Raises Refusal where the recipe cannot be applied."""
    header = wanted.original.header
    return memory(header, 1, [applicable(wanted.recipe, header.shown_size)])
