"""Pictures on demand are what a rendition would be, made once, and from a proxy where that will do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import cv2
import numpy as np
import pytest

from domain.errors import (
    Busy,
    DamagedFile,
    InvalidInput,
    NotFound,
    NotRendered,
    Quarantined,
    UnknownName,
    WorkerDied,
)
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels, apply
from domain.output import Output, default_output
from domain.picture import Original, PictureRequest
from domain.recipe import JsonValue, Recipe, Step
from infrastructure.deaths import Deaths
from infrastructure.histograms import PoolHistograms
from infrastructure.memory.content import MemoryContentStore
from infrastructure.picture_cache import PictureCache
from infrastructure.pictures import PoolPictures
from infrastructure.pixels.checkpoint import Superseded
from infrastructure.pixels.draw import Draw, MakeProxy
from infrastructure.pixels.executor import DirectExecutor, Executor
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.stop import Stop
from infrastructure.pixels.tasks import Task
from infrastructure.pixels.worker_executor import WorkerExecutor
from infrastructure.proxies import Proxies
from tests.content import put
from tests.examples import HEADER
from tests.infrastructure.pixels.files import from_pil, opened, picture, to_pil, with_alpha, written

PNG = default_output(MediaType.PNG)
JPEG = default_output(MediaType.JPEG)
WIDE = (3000, 2000)


class Watched(DirectExecutor):
    """Remembers the tasks, and lets them through when it is told, to an executor."""

    carried_out_by: Executor = DirectExecutor()

    def __init__(self) -> None:
        self.tasks: list[Task[Any]] = []
        self.stopped: list[Task[Any]] = []
        self.gate = threading.Event()
        self.gate.set()

    def execute(
        self, task: Task[Any], file: BinaryIO, cost: int | None = None, stop: Stop | None = None
    ) -> Any:  # noqa: ANN401
        self.tasks.append(task)
        assert self.gate.wait(10)
        try:
            return self.carried_out_by.execute(task, file, cost, stop)
        except Superseded:
            self.stopped.append(task)
            raise

    @property
    def kinds(self) -> list[str]:
        return [type(task).__name__ for task in self.tasks]


class Dying(DirectExecutor):
    def execute(self, *_: object) -> NoReturn:
        raise WorkerDied("It died.")


class Studio:
    def __init__(self, data: Path, cache: int) -> None:
        self.pool = Pool(threads=1, waiting=2, memory=1 << 30, small=0)
        self.store = MemoryContentStore(lambda _: HEADER)
        self.executor = Watched()
        self.proxies = Proxies(data)
        self.deaths = Deaths()
        self.pictures = PoolPictures(
            self.pool, self.executor, self.store, self.deaths, self.proxies, PictureCache(cache)
        )

    def original(self, pixels: Pixels, media_type: MediaType = MediaType.JPEG) -> Original:
        content = written(to_pil(pixels), media_type)
        header = ImageHeader(media_type, pixels.shape[1], pixels.shape[0])
        return Original(put(self.store, content), len(content), header)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    made = Studio(tmp_path, 1 << 20)
    await asyncio.to_thread(made.proxies.sweep)
    yield made
    made.executor.gate.set()
    await made.pool.aclose()


def resized(**parameters: JsonValue) -> Recipe:
    return Recipe((Step("resize", parameters),))


def near(original: Original, width: int = 300) -> PictureRequest:
    return PictureRequest(original, resized(width=width, enlarge=False), JPEG, PNG, exact=False)


def decibels(one: Pixels, other: Pixels) -> float:
    return cv2.PSNR(np.ascontiguousarray(one), np.ascontiguousarray(other))


async def test_a_picture_is_what_the_recipe_makes(studio: Studio) -> None:
    """Pixel for pixel."""
    pixels = picture()
    request = PictureRequest(studio.original(pixels, MediaType.PNG), resized(width=20), PNG)
    made = await studio.pictures.make(request)
    assert (made.media_type, made.width, made.height) == (MediaType.PNG, 20, 13)
    assert np.array_equal(from_pil(opened(made.content)), apply(request.recipe, pixels))


async def test_the_same_is_made_once(studio: Studio) -> None:
    """At once, and again while it is kept; written otherwise, it is the same."""
    original = studio.original(picture(), MediaType.PNG)
    request = PictureRequest(original, resized(width=20), PNG)
    same = PictureRequest(original, resized(width=20, fit="FILL"), PNG)
    one, other = await asyncio.gather(studio.pictures.make(request), studio.pictures.make(same))
    assert one is other is await studio.pictures.make(request)
    assert studio.executor.kinds == ["Draw"]
    await studio.pictures.make(replace(request, output=JPEG))
    assert studio.executor.kinds == ["Draw", "Draw"]


async def test_what_nobody_waits_for_is_not_begun(studio: Studio) -> None:
    """Its place in the queue is free again; what had begun was for nothing, but disturbs nobody."""
    original = studio.original(picture(), MediaType.PNG)
    studio.executor.gate.clear()
    running, waiting, kept = (
        asyncio.create_task(studio.pictures.make(PictureRequest(original, resized(width=width), PNG)))
        for width in (10, 20, 30)
    )
    while not studio.executor.tasks:
        await asyncio.sleep(0.001)
    with pytest.raises(Busy):
        await studio.pictures.make(PictureRequest(original, resized(width=40), PNG))
    for task in (running, waiting):
        task.cancel()
    await asyncio.wait([running, waiting])
    studio.executor.gate.set()
    assert (await kept).width == 30
    assert [task.recipe.steps[0].parameters["width"] for task in studio.executor.tasks] == [10, 30]  # type: ignore[attr-defined]


async def test_a_death_counts_where_nobody_waits_any_more(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To leave in time is no way to end one worker after the other."""
    original = studio.original(picture(), MediaType.PNG)
    monkeypatch.setattr(studio.executor, "carried_out_by", Dying())
    for count, width in enumerate((10, 20)):
        studio.executor.gate.clear()
        leaving = asyncio.create_task(
            studio.pictures.make(PictureRequest(original, resized(width=width), PNG))
        )
        while len(studio.executor.tasks) == count:
            await asyncio.sleep(0.001)
        leaving.cancel()
        await asyncio.wait([leaving])
        studio.executor.gate.set()
        await studio.pool.run(int, cost=1)  # behind it in the only thread
    with pytest.raises(Quarantined):
        await studio.pictures.make(PictureRequest(original, resized(width=30), PNG))
    assert len(studio.executor.tasks) == 2


@pytest.mark.parametrize("isolation", ["thread", "worker"])
async def test_what_nobody_waits_for_any_more_ends_between_two_steps(studio: Studio, isolation: str) -> None:
    """The next one begins then, and what it was is made when it is asked for again."""
    if isolation == "worker":
        studio.executor.carried_out_by = await asyncio.to_thread(WorkerExecutor, 50_000_000)
    try:
        original = studio.original(picture(1500, 1000))
        long = PictureRequest(original, Recipe((Step("gaussian_blur", {"sigma": 5}),) * 100), PNG)
        short = PictureRequest(studio.original(picture(), MediaType.PNG), resized(width=20), PNG)
        await studio.pictures.make(short)
        running = asyncio.create_task(studio.pictures.make(long))
        while len(studio.executor.tasks) < 2:
            await asyncio.sleep(0.001)
        running.cancel()
        again = asyncio.create_task(studio.pictures.make(replace(short, recipe=resized(width=21))))
        assert (await again).width == 21
        assert [task.header.width for task in studio.executor.stopped] == [1500]
    finally:
        await asyncio.to_thread(studio.executor.carried_out_by.close)


async def test_as_long_as_somebody_waits_it_is_made(studio: Studio) -> None:
    """One of two goes away; so it is with histograms."""
    original = studio.original(picture(), MediaType.PNG)
    studio.executor.gate.clear()
    request = PictureRequest(original, resized(width=20), PNG)
    going, staying = (asyncio.create_task(studio.pictures.make(request)) for _ in range(2))
    histograms = PoolHistograms(studio.pool, studio.executor, studio.store, studio.deaths)
    counting = asyncio.create_task(histograms.count(original, resized(width=20), None))
    while not studio.executor.tasks:
        await asyncio.sleep(0.001)
    going.cancel()
    studio.executor.gate.set()
    assert (await staying).width == 20
    assert sum((await counting).red) == 20 * 13
    studio.executor.gate.clear()
    nobody = asyncio.create_task(histograms.count(original, resized(width=21), None))
    while len(studio.executor.tasks) < 3:
        await asyncio.sleep(0.001)
    nobody.cancel()
    await asyncio.wait([nobody])
    studio.executor.gate.set()
    await studio.pictures.make(PictureRequest(original, resized(width=22), PNG))
    assert studio.executor.stopped == [studio.executor.tasks[2]]


@pytest.mark.parametrize(
    ("recipe", "error"),
    [
        (Recipe((Step("resise"),)), UnknownName),
        (resized(), InvalidInput),
        (resized(width=32_768, height=32_768), InvalidInput),
    ],
)
async def test_what_is_wrong_is_refused_before_anything_is_read(
    studio: Studio, recipe: Recipe, error: type[Exception]
) -> None:
    """Nothing waits in the pool for it."""
    original = Original("0" * 64, 1, HEADER)
    with pytest.raises(error):
        await studio.pictures.make(PictureRequest(original, recipe, PNG))
    assert studio.executor.tasks == []


async def test_what_cannot_be_made_says_why(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage, absence, formats that are too small for it, and our own mistakes; none of it is kept."""
    damaged = studio.original(picture(), MediaType.PNG)
    damaged = replace(damaged, header=replace(damaged.header, width=61))
    with pytest.raises(DamagedFile):
        await studio.pictures.make(PictureRequest(damaged, resized(width=5), PNG))
    with pytest.raises(NotFound):
        await studio.pictures.make(PictureRequest(Original("0" * 64, 1, HEADER), resized(width=5), PNG))
    good = studio.original(picture(), MediaType.PNG)
    long = PictureRequest(good, resized(width=20_000, height=1), default_output(MediaType.WEBP))
    with pytest.raises(InvalidInput, match="16,383"):
        await studio.pictures.make(long)
    monkeypatch.setattr("infrastructure.pixels.draw.encode", lambda *_: 1 / 0)
    with pytest.raises(NotRendered):
        await studio.pictures.make(PictureRequest(good, resized(width=5), PNG))
    monkeypatch.undo()
    assert (await studio.pictures.make(PictureRequest(good, resized(width=5), PNG))).width == 5


async def test_in_a_worker_process_it_is_the_same(studio: Studio) -> None:
    """Pictures, proxies and histograms, byte for byte."""
    executor = await asyncio.to_thread(WorkerExecutor, 50_000_000)
    try:
        cache = PictureCache(0)
        pictures = PoolPictures(studio.pool, executor, studio.store, studio.deaths, studio.proxies, cache)
        original = studio.original(picture(*WIDE))
        made = await pictures.make(near(original))
        assert made == await studio.pictures.make(near(original))
        assert studio.executor.kinds == ["Draw"]  # its proxy was there already
        counted = [
            await PoolHistograms(studio.pool, each, studio.store, studio.deaths).count(
                original, Recipe(), None
            )
            for each in (executor, studio.executor)
        ]
        assert counted[0] == counted[1]
    finally:
        await asyncio.to_thread(executor.close)


# -- transparency


@pytest.mark.parametrize("media_type", [MediaType.PNG, MediaType.WEBP])
async def test_a_transparent_picture_is_written_in_its_own_way(studio: Studio, media_type: MediaType) -> None:
    """Only where a pixel of it is transparent: an alpha channel alone is not enough."""
    pixels = with_alpha(picture())
    opaque = pixels.copy()
    opaque[..., 3] = 255
    made = {
        name: await studio.pictures.make(
            PictureRequest(studio.original(each, media_type), resized(width=20), JPEG, PNG)
        )
        for name, each in (("transparent", pixels), ("opaque", opaque), ("without", picture()))
    }
    assert {name: each.media_type for name, each in made.items()} == {
        "transparent": MediaType.PNG,
        "opaque": MediaType.JPEG,
        "without": MediaType.JPEG,
    }
    assert opened(made["transparent"].content).mode == "RGBA"


# -- proxies


async def test_small_pictures_come_from_a_proxy(studio: Studio) -> None:
    """It is made once; sizes are those of the picture itself, and nobody sees a difference."""
    original = studio.original(picture(*WIDE))
    made = await studio.pictures.make(near(original))
    assert studio.executor.kinds == ["MakeProxy", "Draw"]
    assert await asyncio.to_thread(studio.proxies.find, original.sha256) is MediaType.JPEG
    exact = await studio.pictures.make(replace(near(original), exact=True))
    assert (made.width, made.height) == (exact.width, exact.height) == (300, 200)
    assert decibels(from_pil(opened(made.content)), from_pil(opened(exact.content))) > 40
    await studio.pictures.make(near(original, 301))
    assert studio.executor.kinds == ["MakeProxy", "Draw", "Draw", "Draw"]


async def test_what_a_proxy_is_too_small_for_is_made_of_the_original(studio: Studio) -> None:
    """As is everything of an original that is hardly larger than its proxy would be."""
    await studio.pictures.make(near(studio.original(picture(*WIDE)), 1000))
    await studio.pictures.make(near(studio.original(picture(2000, 100))))
    assert studio.executor.kinds == ["Draw", "Draw"]


async def test_transparency_comes_through_a_proxy(studio: Studio) -> None:
    """Without loss."""
    original = studio.original(with_alpha(picture(*WIDE)), MediaType.PNG)
    made = await studio.pictures.make(near(original))
    assert studio.executor.kinds == ["MakeProxy", "Draw"]
    assert await asyncio.to_thread(studio.proxies.find, original.sha256) is MediaType.PNG
    assert made.media_type is MediaType.PNG
    assert opened(made.content).mode == "RGBA"


async def test_a_proxy_that_is_gone_or_damaged_is_made_again(studio: Studio, tmp_path: Path) -> None:
    """Nobody notices."""
    original = studio.original(picture(*WIDE))
    await studio.pictures.prepare(original)
    (path,) = (tmp_path / "proxies").iterdir()
    path.write_bytes(b"no picture")
    assert (await studio.pictures.make(near(original))).width == 300
    assert path.read_bytes() != b"no picture"
    assert (await studio.pictures.make(near(original, 301))).width == 301
    assert path.exists()
    path.unlink()
    assert (await studio.pictures.make(near(original, 302))).width == 302
    assert studio.executor.kinds.count("MakeProxy") == 3


async def test_a_proxy_is_prepared_where_it_is_worth_it(studio: Studio) -> None:
    """Once, however often it is asked for."""
    original = studio.original(picture(*WIDE))
    await asyncio.gather(studio.pictures.prepare(original), studio.pictures.make(near(original)))
    await studio.pictures.prepare(original)
    await studio.pictures.prepare(studio.original(picture(1500, 1500)))
    assert studio.executor.kinds.count("MakeProxy") == 1


async def test_nothing_of_an_original_is_left_when_it_is_forgotten(studio: Studio, tmp_path: Path) -> None:
    """Neither on the disk nor in memory, and nothing of another one is missed."""
    original, other = studio.original(picture(*WIDE)), studio.original(picture(2999, 2000))
    for each in (original, other):
        await studio.pictures.make(near(each))
    await studio.pictures.forget(original.sha256)
    assert [path.name for path in (tmp_path / "proxies").iterdir()] == [f"{other.sha256}.jpg"]
    studio.executor.tasks.clear()
    await studio.pictures.make(near(other))
    assert studio.executor.kinds == []
    await studio.pictures.make(near(original))
    assert studio.executor.kinds == ["MakeProxy", "Draw"]


async def test_an_original_that_goes_while_its_proxy_is_made_leaves_none(
    studio: Studio, tmp_path: Path
) -> None:
    """Whoever removed it has looked for a proxy already."""
    original = studio.original(picture(*WIDE))
    studio.executor.gate.clear()
    preparing = asyncio.create_task(studio.pictures.prepare(original))
    while not studio.executor.tasks:
        await asyncio.sleep(0.001)

    async def nobody() -> bool:
        return False

    assert await studio.store.remove(original.sha256, nobody)
    await studio.pictures.forget(original.sha256)
    studio.executor.gate.set()
    with pytest.raises(NotFound):
        await preparing
    assert list((tmp_path / "proxies").iterdir()) == []


async def test_without_room_on_the_disk_pictures_are_made_all_the_same(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of the original."""
    monkeypatch.setattr(studio.proxies._reserve, "_byte_size", 1 << 62)
    assert (await studio.pictures.make(near(studio.original(picture(*WIDE))))).width == 300
    assert studio.executor.kinds == ["MakeProxy", "Draw"]
    assert isinstance(studio.executor.tasks[0], MakeProxy)
    assert isinstance(studio.executor.tasks[1], Draw)
    assert studio.executor.tasks[1].header.width == WIDE[0]
    assert list((tmp_path / "proxies").iterdir()) == []


def test_what_was_being_written_when_a_process_ended_is_swept_away(tmp_path: Path) -> None:
    """At the start; whole proxies stay."""
    proxies = Proxies(tmp_path)
    proxies.sweep()
    proxies.keep("0" * 64, MediaType.JPEG, b"whole")
    (tmp_path / "proxies" / "1.part").write_bytes(b"half")
    proxies.sweep()
    assert [path.read_bytes() for path in (tmp_path / "proxies").iterdir()] == [b"whole"]


def test_the_id_says_all_that_a_picture_depends_on() -> None:
    """What is made otherwise is another one; a lasting rendition has the same."""
    original = Original("0" * 64, 1, HEADER)
    request = PictureRequest(original, resized(width=5), Output(MediaType.JPEG, 85))
    others = [
        replace(request, original=Original("1" * 64, 1, HEADER)),
        replace(request, recipe=resized(width=6)),
        replace(request, output=JPEG.__class__(MediaType.JPEG, 84)),
        replace(request, transparent=PNG),
        replace(request, exact=False),
    ]
    assert len({each.picture_id for each in (request, *others)}) == 6
