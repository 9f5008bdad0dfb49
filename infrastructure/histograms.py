"""Histograms, counted in the pool where the pixels are."""

from __future__ import annotations

from functools import partial

from domain.levels import Levels
from domain.picture import Original
from domain.ports.content import ContentStore
from domain.recipe import Recipe, digest, recipe_data
from domain.region import Region, region_data
from infrastructure.deaths import Deaths
from infrastructure.flights import Flights
from infrastructure.pixels.count_levels import CountLevels
from infrastructure.pixels.executor import Executor
from infrastructure.pixels.failures import checked
from infrastructure.pixels.memory import cost
from infrastructure.pixels.plan import applicable
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.stop import Stop, until_cancelled


class PoolHistograms:
    """The port `Histograms`. All methods belong to one event loop."""

    def __init__(self, pool: Pool, executor: Executor, store: ContentStore, deaths: Deaths) -> None:
        self._pool = pool
        self._executor = executor
        self._store = store
        self._deaths = deaths
        self._counts: Flights[Levels] = Flights()

    async def count(self, original: Original, recipe: Recipe, region: Region | None) -> Levels:
        size = original.header.shown_size
        for call in applicable(recipe, size):
            size = call.announced(size)
        if region is not None:
            region = region.checked("histogram")
            region.check_within(*size, "histogram")
        part = region and region_data(region)
        key = digest({"original": original.sha256, "recipe": recipe_data(recipe), "region": part})
        return await self._counts.join(key, partial(self._count, original, recipe, region))

    async def _count(self, original: Original, recipe: Recipe, region: Region | None) -> Levels:
        task = CountLevels(original.header, recipe, region)
        memory = original.byte_size + cost(original.header, recipe)
        with until_cancelled() as stop:
            return await self._pool.run(self._counted, original.sha256, task, memory, stop, cost=memory)

    def _counted(self, sha256: str, task: CountLevels, memory: int, stop: Stop) -> Levels:
        """In a thread of the pool."""
        with self._store.open(sha256) as file, self._deaths.counted(sha256, task.recipe):
            return checked(self._executor.execute(task, file, memory, stop))
