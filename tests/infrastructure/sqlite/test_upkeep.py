"""A read model that stops: what is answered meanwhile, and that nothing is lost with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from domain.events import ImageDeleted, ImageRenamed
from domain.ports.log import Append
from infrastructure.sqlite import upkeep
from infrastructure.sqlite.store import Store, open_store
from tests.examples import OWNER, append, new_id, uploaded
from tests.infrastructure.sqlite.history import EVENTS, life
from tests.infrastructure.sqlite.tables import folded, tables

ID = "a" * 32
FOLD = "infrastructure.sqlite.folds.images.ImageFold._change"
broken: Callable[..., None] = lambda *_, **__: 1 / 0  # type: ignore[assignment]  # noqa: E731


def upload(image_id: str = "") -> Append:
    image_id = image_id or new_id()
    return append(f"image-{image_id}", uploaded(image_id))


def rename(name: str = "new.jpg") -> Append:
    return append(f"image-{ID}", ImageRenamed(image_id=ID, name=name))


async def as_of(store: Store) -> int:
    return (await store.read_model.image(OWNER, ID)).as_of


async def stopped_at_three(store: Store) -> None:
    """Two uploads, an event that cannot be folded, and an upload after it, all in one group."""
    commands = [upload(ID), upload(), rename(), upload()]
    answers = await asyncio.gather(*map(store.log.append, commands))
    assert [answer.position for answer in answers] == [1, 2, 3, 4]


async def test_it_stops_before_the_event_and_not_before_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appends are answered all the same; reads, head and followers stay with what is shown."""
    monkeypatch.setattr(FOLD, broken)
    async with open_store(tmp_path) as store:
        await stopped_at_three(store)
        assert (store.log.head, store.log.end, await as_of(store)) == (2, 4, 2)
        reason = "stopped at position 2, before event 3, ImageRenamed: ZeroDivisionError: division by zero"
        assert store.writer.projection_error == reason
        assert (await store.log.append(rename("again.jpg"))).position == 5
        assert (store.log.head, store.log.end, await as_of(store)) == (2, 5, 2)
        assert [event.version for event in await store.log.read_stream(f"image-{ID}")] == [1, 2, 3]
        async with aclosing(store.log.follow(0)) as events:
            assert [(await anext(events)).position for _ in range(2)] == [1, 2]
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(events), 0.05)


async def test_a_start_with_the_same_code_opens_and_one_with_mended_code_shows_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follower is told each event once, whenever it is shown."""
    with monkeypatch.context() as stopped:
        stopped.setattr(FOLD, broken)
        async with open_store(tmp_path) as store:
            await stopped_at_three(store)
        async with open_store(tmp_path) as store:
            assert (store.log.head, store.log.end, await as_of(store)) == (2, 4, 2)
            assert "before event 3" in str(store.writer.projection_error)
            assert (await store.log.append(upload())).position == 5
    async with open_store(tmp_path) as store:
        assert (store.log.head, store.log.end, await as_of(store)) == (5, 5, 5)
        assert store.writer.projection_error is None
        async with aclosing(store.log.follow(2)) as events:
            assert [(await anext(events)).position for _ in range(3)] == [3, 4, 5]
    (path,) = tmp_path.glob("read-*")
    assert tables(path) == await asyncio.to_thread(folded, tmp_path, tmp_path / "scratch.db")


async def test_what_was_not_shown_for_a_while_is_shown_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the disk was full: page by page, however much it is, and nobody has to append anything."""
    monkeypatch.setattr(upkeep, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(upkeep, "PAGE", 10)
    async with open_store(tmp_path) as store:
        with monkeypatch.context() as stopped:
            stopped.setattr(FOLD, broken)
            await stopped_at_three(store)
            for _ in range(8):
                await asyncio.gather(*(store.log.append(command) for command in life()))
            assert store.log.head == 2
        async with asyncio.timeout(10), aclosing(store.log.follow(0)) as events:
            seen = [(await anext(events)).position for _ in range(4 + 8 * EVENTS)]
        assert seen == list(range(1, 4 + 8 * EVENTS + 1))
        assert store.writer.projection_error is None
        assert await as_of(store) == store.log.head == store.log.end


async def test_a_rebuild_takes_the_place_of_a_file_that_has_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here the file was at fault and the code is not: followers go on without a gap."""
    async with open_store(tmp_path) as store:
        monkeypatch.setattr(upkeep, "RETRY_SECONDS", 60)
        with monkeypatch.context() as stopped:
            stopped.setattr(FOLD, broken)
            await stopped_at_three(store)
        assert await store.rebuild() == 4
        assert store.writer.projection_error is None
        async with aclosing(store.log.follow(1)) as events:
            assert [(await anext(events)).position for _ in range(3)] == [2, 3, 4]
        await store.log.append(append(f"image-{ID}", ImageDeleted(image_id=ID)))
        assert await as_of(store) == store.log.head == 5
