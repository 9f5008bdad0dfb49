"""Pictures on demand: made in the pool, once at a time, from a proxy where that will do, and kept a while."""

from __future__ import annotations

import logging
from functools import partial
from typing import BinaryIO

from anyio import to_thread

from domain.errors import DamagedFile, Refusal, StorageFull
from domain.header import OPAQUE, ImageHeader, MediaType
from domain.operations.scaling import recipe_for_copy
from domain.picture import Original, Picture, PictureRequest
from domain.ports.content import ContentStore
from domain.recipe import Recipe
from infrastructure.deaths import Deaths
from infrastructure.flights import Flights
from infrastructure.picture_cache import PictureCache
from infrastructure.pixels.draw import PROXY, Draw, MakeProxy, proxy_size
from infrastructure.pixels.executor import Executor
from infrastructure.pixels.failures import checked
from infrastructure.pixels.memory import cost
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.stop import Stop, until_cancelled
from infrastructure.proxies import Proxies

log = logging.getLogger("darkroom.pictures")


class PoolPictures:
    """The port `Pictures`. All methods belong to one event loop."""

    def __init__(  # noqa: PLR0913, PLR0917 -- where the work is done, what it is done on, and where it is kept
        self,
        pool: Pool,
        executor: Executor,
        store: ContentStore,
        deaths: Deaths,
        proxies: Proxies,
        cache: PictureCache,
    ) -> None:
        self._pool = pool
        self._executor = executor
        self._store = store
        self._deaths = deaths
        self._proxies = proxies
        self._cache = cache
        self._pictures: Flights[Picture] = Flights()
        self._copies: Flights[MediaType | None] = Flights()

    def kept(self, request: PictureRequest) -> Picture | None:
        return self._cache.find(request.original.sha256, request.picture_id)

    async def make(self, request: PictureRequest) -> Picture:
        found = self.kept(request)
        if found is None:
            memory = request.original.byte_size + cost(request.original.header, request.recipe)
            found = await self._pictures.join(request.picture_id, partial(self._made, request, memory))
        return found

    async def prepare(self, original: Original) -> None:
        """Make its proxy, if it is worth one, when there is nothing else to do."""
        if proxy_size(original.header) is not None:
            await self._copy(original, background=True)

    async def forget(self, sha256: str) -> None:
        """Remove all that was made of an original; what is being made at this moment removes itself."""
        self._cache.forget(sha256)
        await to_thread.run_sync(self._proxies.remove, sha256)

    async def _made(self, request: PictureRequest, memory: int) -> Picture:
        """`memory`: what it takes from the original."""
        original = request.original
        with until_cancelled() as stop:
            picture = await self._from_proxy(request, stop)
            if picture is None:
                draw = Draw(original.header, request.recipe, request.output, request.transparent)
                given = original.sha256, draw, memory, stop
                picture = await self._pool.run(self._draw_original, *given, cost=memory)
        self._cache.keep(original.sha256, request.picture_id, picture)
        return picture

    async def _from_proxy(self, request: PictureRequest, stop: Stop) -> Picture | None:
        """None where the picture is not to be made so, or cannot be."""
        original = request.original
        size = None if request.exact else proxy_size(original.header)
        if size is None:
            return None
        recipe = recipe_for_copy(request.recipe, original.header.shown_size, size)
        if recipe is None:
            return None
        picture = None
        if original.header.media_type in OPAQUE:  # its proxy is a JPEG, and most often there
            picture = await self._from_copy(request, recipe, ImageHeader(MediaType.JPEG, *size), stop)
        if picture is None and (media_type := await self._copy(original)) is not None:
            picture = await self._from_copy(request, recipe, ImageHeader(media_type, *size), stop)
        return picture

    async def _from_copy(
        self, request: PictureRequest, recipe: Recipe, header: ImageHeader, stop: Stop
    ) -> Picture | None:
        """By a recipe for the copy; None where it is not there."""
        draw = Draw(header, recipe, request.output, request.transparent, copy=True)
        memory = cost(header, recipe)
        sha256 = request.original.sha256
        return await self._pool.run(self._draw_proxy, sha256, draw, memory, stop, cost=memory)

    async def _copy(self, original: Original, *, background: bool = False) -> MediaType | None:
        """The type of an original's proxy, made where it is missing; None where it cannot be kept."""
        copied = partial(self._copied, original, background=background)
        return await self._copies.join(f"{original.sha256} {background}", copied)

    async def _copied(self, original: Original, *, background: bool) -> MediaType | None:
        found = await to_thread.run_sync(self._proxies.find, original.sha256)
        if found is not None:
            return found
        memory = original.byte_size + cost(original.header, PROXY)
        return await self._pool.run(self._make_proxy, original, memory, cost=memory, background=background)

    # -- in threads of the pool

    def _draw_original(self, sha256: str, draw: Draw, memory: int, stop: Stop) -> Picture:
        with self._store.open(sha256) as file, self._deaths.counted(sha256, draw.recipe):
            return self._drawn(draw, file, memory, stop)

    def _draw_proxy(self, sha256: str, draw: Draw, memory: int, stop: Stop) -> Picture | None:
        """None where it is gone, or damaged. Who dies of it has not died of the original."""
        try:
            with self._proxies.open(sha256, draw.header.media_type) as file:
                return self._drawn(draw, file, memory, stop)
        except FileNotFoundError:
            return None
        except DamagedFile:
            log.warning("the proxy of %s is damaged", sha256)
            self._proxies.remove(sha256)
            return None

    def _drawn(self, draw: Draw, file: BinaryIO, memory: int, stop: Stop) -> Picture:
        drawn = checked(self._executor.execute(draw, file, memory, stop))
        return Picture(
            content=bytes(drawn.content),
            media_type=drawn.media_type,
            width=drawn.width,
            height=drawn.height,
        )

    def _make_proxy(self, original: Original, memory: int) -> MediaType | None:
        """An original that is removed meanwhile leaves no proxy behind: whoever removes it looks for the
        proxy afterwards, and this looks for the original."""
        found = self._proxies.find(original.sha256)
        if found is not None:
            return found
        with self._store.open(original.sha256) as file, self._deaths.counted(original.sha256):
            proxy = checked(self._executor.execute(MakeProxy(original.header), file, memory))
        try:
            self._proxies.keep(original.sha256, proxy.media_type, proxy.content)
            self._store.open(original.sha256).close()
        except (StorageFull, OSError) as error:
            log.warning("the proxy of %s is not kept: %s", original.sha256, error)
            return None
        except Refusal:
            self._proxies.remove(original.sha256)
            raise
        return proxy.media_type
