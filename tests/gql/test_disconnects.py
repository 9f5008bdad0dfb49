"""Subscribers who are cut off thousands of times, at any moment, while the server comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest

from domain.events import Event, ImageDescribed, ImageRenamed, ImageTagged
from gql.http.execution import Execution
from gql.limits import Limits
from gql.schema import build_schema, feeds
from gql.schema.ids import image_global_id
from infrastructure.log import tail
from infrastructure.sqlite.store import open_store
from tests.gql.subscribing import Data, Told, World
from tests.server import position_of

EVENTS: Final = """
    subscription ($after: Cursor, $filter: EventFilter) {
        events(after: $after, filter: $filter) { __typename cursor ... on ImageRenamed { name } }
    }
"""
WITH_IMAGES: Final = """
    subscription ($after: Cursor) {
        events(after: $after) { __typename cursor ... on ImageEvent { image { version } } }
    }
"""
CHANGED: Final = """
    subscription ($id: ID!, $after: Cursor) {
        imageChanged(id: $id, after: $after) { __typename cursor image { name version } }
    }
"""
LIVES: Final = 3
EVENTS_PER_LIFE: Final = 100
DISCONNECTS: Final = 3000
RENAMED: Final = {"types": ["ImageRenamed"]}
SEA: Final = {"tags": ["sea"]}


class Subscriber:
    """Has heard of everything up to its cursor, and is cut off again and again."""

    def __init__(self, random: Random, cursor: str, query: str, **variables: object) -> None:
        self.heard: list[Data] = []
        self.disconnects = 0
        self._random = random
        self._cursor = cursor
        self._query = query
        self._variables = variables

    @property
    def position(self) -> int:
        return position_of(self._cursor)

    @property
    def positions(self) -> list[int]:
        return [position_of(item["cursor"]) for item in self.heard]

    async def listen(self, world: World) -> None:
        """Until cancelled: connect, hear some, be cut off, between two results or in the middle of one."""
        while True:
            told = self._connected(world)
            if self._random.random() < 0.5:
                await self._hear(told, self._random.randrange(20))
            else:
                hearing = asyncio.create_task(self._hear(told, 1_000_000))
                try:
                    for _ in range(self._random.randrange(12)):
                        await asyncio.sleep(0)
                finally:
                    hearing.cancel()
                    await asyncio.wait([hearing])
                    assert hearing.cancelled() or hearing.exception() is None
            self.disconnects += 1

    async def hear_all(self, world: World, head: int) -> None:
        """Connected for good."""
        async with asyncio.timeout(60), aclosing(self._connected(world)) as told:
            while self.position < head:
                self._take(await anext(told))

    def _connected(self, world: World) -> AsyncGenerator[Told, None]:
        by_id = self._random.random() < 0.5
        after = {} if by_id else {"after": self._cursor}
        return world.subscribe(self._query, self._cursor if by_id else None, **self._variables, **after)

    async def _hear(self, told: AsyncGenerator[Told, None], most: int) -> None:
        async with aclosing(told):
            for _ in range(most):
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._random.random() / 100):
                        self._take(await anext(told))
                        continue
                return

    def _take(self, told: Told) -> None:
        self._cursor = told.cursor
        if told.item["__typename"] not in {"CaughtUp", "Progress"}:
            self.heard.append(told.item)


async def write(world: World, random: Random, images: list[str]) -> None:
    """Bursts and pauses; every image is renamed, described and tagged."""
    for _ in range(EVENTS_PER_LIFE):
        image_id = random.choice(images)
        text = f"{random.random()}"
        events: list[Event] = [
            ImageRenamed(image_id=image_id, name=text),
            ImageDescribed(image_id=image_id, description=text),
            ImageTagged(image_id=image_id, tags=(text,)),
        ]
        await world.happen(random.choice(events))
        if random.random() < 0.1:
            await asyncio.sleep(random.random() / 50)


@pytest.mark.parametrize("seed", [1])
async def test_nothing_is_missed_and_nothing_comes_twice(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over thousands of disconnects and several lives of the log, however it is asked."""
    monkeypatch.setattr(tail, "RECENT", 16)
    monkeypatch.setattr(tail, "PAGE", 8)
    monkeypatch.setattr(feeds, "PROGRESS_EVERY", 10)
    random, schema = Random(seed), build_schema()
    async with open_store(tmp_path) as store:
        world = World(store.log, store.read_model, Execution(schema, Limits()))
        start = world.cursor(0)
        images = [await world.upload(*tags) for tags in (["sea"], ["Sea", "sand"], [], ["hill"])]
    subject = image_global_id(images[0])
    everything = [Subscriber(random, start, EVENTS) for _ in range(4)]
    with_images = [Subscriber(random, start, WITH_IMAGES) for _ in range(2)]
    renamed = [Subscriber(random, start, EVENTS, filter=RENAMED) for _ in range(2)]
    tagged = [Subscriber(random, start, EVENTS, filter=SEA) for _ in range(2)]
    states = [Subscriber(random, start, CHANGED, id=subject) for _ in range(2)]
    subscribers = [*everything, *with_images, *renamed, *tagged, *states]
    life = 0
    while life < LIVES or sum(each.disconnects for each in subscribers) < DISCONNECTS:
        life += 1
        async with open_store(tmp_path) as store:
            world = World(store.log, store.read_model, Execution(schema, Limits()))
            listening = [asyncio.create_task(each.listen(world)) for each in subscribers]
            await write(world, random, images)
            for task in listening:
                task.cancel()
            await asyncio.wait(listening)
            assert [task.exception() for task in listening if not task.cancelled()] == []
    async with open_store(tmp_path) as store:
        world = World(store.log, store.read_model, Execution(schema, Limits()))
        head = store.log.head
        log = await store.log.read(0, head)
        about = [recorded.position for recorded in log if recorded.event.image_id == images[0]]  # type: ignore[union-attr]
        for each in (*everything, *with_images, *renamed, *tagged):
            await each.hear_all(world, head)
        for each in states:
            await each.hear_all(world, about[-1])
        for each in (*everything, *with_images):
            assert each.positions == list(range(1, head + 1))
        for each in renamed:
            assert each.positions == [
                recorded.position for recorded in log if recorded.type == "ImageRenamed"
            ]
        for each in tagged:
            assert each.positions == [
                recorded.position
                for recorded in log
                if recorded.event.image_id in images[:2]  # type: ignore[union-attr]
            ]
        for each in states:
            assert each.positions == sorted(set(each.positions))
            found = await store.read_model.image("owner-1", images[0])
            assert found.value is not None
            assert each.heard[-1]["image"] == {"name": found.value.name, "version": found.value.version}
    print(f"{sum(each.disconnects for each in subscribers)} disconnects over {life} lives, {head} events")
