"""Renditions are made in threads, from one decode, and what fails says why."""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, closing
from typing import BinaryIO, NoReturn

import cv2
import pytest

from domain.errors import Busy, NotFound, Refusal, ShuttingDown, StorageFull, TooSlow, WorkerDied
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels
from domain.output import Output, default_output
from domain.ports.content import Hold, Staged, Staging
from domain.ports.rendering import Rendered, RenderFailure, RenderJob
from domain.presets import Presets, output_for
from domain.recipe import JsonValue, Recipe, Step
from infrastructure.deaths import Deaths
from infrastructure.pixels import tasks
from infrastructure.pixels.codec import decode
from infrastructure.pixels.executor import DirectExecutor, Executor
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.renderer import PoolRenderer
from tests.infrastructure.pixels.files import (
    FORMATS,
    exif,
    from_pil,
    opened,
    picture,
    to_pil,
    with_alpha,
    written,
)

PNG = default_output(MediaType.PNG)


class Shelf:
    """A content store in memory, and a hold on it, which may be told to fail."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.failure: Exception | None = None
        self.threads: set[int] = set()

    def stage(self) -> AbstractAsyncContextManager[Staging]:
        raise NotImplementedError

    async def keep(self, staged: Staged) -> ImageHeader:
        raise NotImplementedError

    def put(self, content: bytes | memoryview) -> str:
        self.threads.add(threading.get_ident())
        if self.failure is not None:
            raise self.failure
        sha256 = hashlib.sha256(content).hexdigest()
        self.contents[sha256] = bytes(content)
        return sha256

    def hold(self) -> AbstractContextManager[Hold]:
        raise NotImplementedError

    async def remove(self, sha256: str, referred: Callable[[], Awaitable[bool]]) -> bool:
        raise NotImplementedError

    def open(self, sha256: str) -> BinaryIO:
        self.threads.add(threading.get_ident())
        if sha256 not in self.contents:
            raise NotFound("There is no content with this hash.")
        return io.BytesIO(self.contents[sha256])


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(scope="module", params=["thread", "worker"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "worker" and sys.platform != "linux":
        pytest.skip("workers are for Linux alone")
    with closing(new_executor(request.param)) as made:
        yield made


def new_executor(isolation: str) -> Executor:
    if isolation == "thread":
        return DirectExecutor()
    from infrastructure.pixels.worker_executor import WorkerExecutor  # noqa: PLC0415  (for Linux alone)

    return WorkerExecutor(50_000_000)


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool(threads=1, waiting=0, memory=1 << 30, small=0)
    yield made
    await made.aclose()


@pytest.fixture
def renderer(pool: Pool, shelf: Shelf, executor: Executor) -> PoolRenderer:
    return PoolRenderer(pool, executor, shelf, Deaths())


def job(
    shelf: Shelf,
    requests: Mapping[str, tuple[Recipe, Output]],
    media_type: MediaType = MediaType.PNG,
    size: tuple[int, int] = (60, 40),
    orientation: int = 1,
) -> RenderJob:
    content = written(to_pil(picture(*size)), media_type, exif=exif(orientation))
    header = ImageHeader(media_type, *size, orientation=orientation)
    return RenderJob(original=shelf.put(content), byte_size=len(content), header=header, requests=requests)


def resized(**parameters: JsonValue) -> Recipe:
    return Recipe((Step("resize", parameters),))


@pytest.mark.parametrize("media_type", FORMATS)
async def test_what_is_built_in_is_rendered_from_every_format(
    renderer: PoolRenderer, shelf: Shelf, media_type: MediaType
) -> None:
    """Thumbnail and gray square are in the store, under their hash, and are what was said of them."""
    requests = {preset.name: (preset.recipe, output_for(preset, media_type)) for preset in Presets()}
    orientation = 6 if media_type not in {MediaType.GIF, MediaType.TIFF, MediaType.BMP} else 1
    outcomes = await renderer.render(job(shelf, requests, media_type, (640, 480), orientation), shelf)
    thumbnail = (192, 256) if orientation == 6 else (256, 192)
    expected = {
        "thumbnail": (requests["thumbnail"][1].media_type, thumbnail),
        "grayscale-300": (media_type, (300, 300)),
    }
    assert set(outcomes) == set(expected)
    for name, (kind, size) in expected.items():
        outcome = outcomes[name]
        assert isinstance(outcome, Rendered)
        content = shelf.contents[outcome.sha256]
        assert (outcome.media_type, (outcome.width, outcome.height)) == (kind, size)
        assert outcome.byte_size == len(content)
        assert hashlib.sha256(content).hexdigest() == outcome.sha256
        image = opened(content)
        assert (image.format, image.size) == (FORMATS[kind], size)


async def test_an_original_is_decoded_once(pool: Pool, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many renditions are made of it."""
    renderer = PoolRenderer(pool, DirectExecutor(), shelf, Deaths())
    decoded: list[int] = []

    def counting(content: bytes, header: ImageHeader, *, scale: int, gray: bool) -> Pixels:
        decoded.append(scale)
        return decode(content, header, scale=scale, gray=gray)

    monkeypatch.setattr(tasks, "decode", counting)
    requests = {str(width): (resized(width=width), PNG) for width in (10, 20, 50)}
    outcomes = await renderer.render(job(shelf, requests, MediaType.JPEG, (400, 400)), shelf)
    assert all(isinstance(outcome, Rendered) for outcome in outcomes.values())
    assert decoded == [4]


async def test_the_event_loop_reads_and_writes_nothing(renderer: PoolRenderer, shelf: Shelf) -> None:
    """Content is opened and stored where it is worked on."""
    asked = job(shelf, {"a": (resized(width=5), PNG)})
    shelf.threads.clear()
    await renderer.render(asked, shelf)
    assert len(shelf.threads) == 1
    assert threading.get_ident() not in shelf.threads


async def test_one_that_fails_leaves_the_others_alone(renderer: PoolRenderer, shelf: Shelf) -> None:
    """Unknown names, sizes over the limits, formats that cannot hold the result: each for itself."""
    requests = {
        "good": (resized(width=5), PNG),
        "unknown": (Recipe((Step("resise"),)), PNG),
        "huge": (resized(width=32_768, height=32_768), PNG),
        "long": (resized(width=20_000, height=1), default_output(MediaType.WEBP)),
    }
    outcomes = await renderer.render(job(shelf, requests), shelf)
    assert isinstance(outcomes["good"], Rendered)
    assert outcomes["unknown"] == RenderFailure(
        "UNKNOWN_NAME", "There is no operation named 'resise'. Did you mean 'resize'?"
    )
    for name in ("huge", "long"):
        failure = outcomes[name]
        assert isinstance(failure, RenderFailure)
        assert (failure.code, failure.final) == ("INVALID_INPUT", True)


async def test_nothing_is_read_where_nothing_can_be_made(renderer: PoolRenderer, shelf: Shelf) -> None:
    """What is wrong with a recipe is found before anything is decoded."""
    asked = job(shelf, {"unknown": (Recipe((Step("resise"),)), PNG)})
    shelf.threads.clear()
    outcomes = await renderer.render(asked, shelf)
    assert isinstance(outcomes["unknown"], RenderFailure)
    assert not shelf.threads


async def test_a_damaged_original_fails_for_good(renderer: PoolRenderer, shelf: Shelf) -> None:
    """Trying again would not mend it; people are told in words."""
    asked = job(shelf, {"a": (resized(width=5), PNG), "b": (resized(width=6), PNG)})
    shelf.contents[asked.original] = shelf.contents[asked.original][:-200]
    outcomes = await renderer.render(asked, shelf)
    message = "The PNG cannot be decoded: it is damaged, or of an unsupported kind."
    assert outcomes == dict.fromkeys("ab", RenderFailure("DAMAGED_FILE", message, final=True))


async def test_an_original_that_is_not_there_fails(renderer: PoolRenderer, shelf: Shelf) -> None:
    """The code is that of the store."""
    asked = job(shelf, {"a": (resized(width=5), PNG)})
    shelf.contents.clear()
    outcome = (await renderer.render(asked, shelf))["a"]
    assert isinstance(outcome, RenderFailure)
    assert outcome.code == "NOT_FOUND"


NO_MEMORY = cv2.error("Failed to allocate 1125899906842624 bytes")
NO_MEMORY.code = -4


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (OSError("No space left on device"), "STORAGE_FAILED"),
        (StorageFull("The disk is full."), "STORAGE_FULL"),
        (MemoryError(), "OUT_OF_MEMORY"),
        (NO_MEMORY, "OUT_OF_MEMORY"),
        (ZeroDivisionError(), "RENDER_FAILED"),
    ],
)
async def test_what_may_pass_is_tried_again(
    renderer: PoolRenderer, shelf: Shelf, failure: Exception, code: str
) -> None:
    """Full disks, short memory and our own mistakes are no property of the picture."""
    asked = job(shelf, {"a": (resized(width=5), PNG)})
    shelf.failure = failure
    outcome = (await renderer.render(asked, shelf))["a"]
    assert isinstance(outcome, RenderFailure)
    assert (outcome.code, outcome.final) == (code, False)
    assert outcome.message.endswith(".")
    assert "Error" not in outcome.message


async def test_a_mistake_of_ours_is_logged_with_its_traceback(
    renderer: PoolRenderer, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    """People see a sentence; whoever keeps the server sees where it went wrong."""
    asked = job(shelf, {"a": (resized(width=5), PNG)})
    shelf.failure = ZeroDivisionError("somewhere deep")
    with caplog.at_level(logging.ERROR, "darkroom.renderer"):
        await renderer.render(asked, shelf)
    assert "ZeroDivisionError: somewhere deep" in caplog.text
    assert "Traceback" in caplog.text


async def test_a_pool_that_is_full_or_closed_is_said_so(
    renderer: PoolRenderer, shelf: Shelf, pool: Pool
) -> None:
    """The caller waits and asks again; nothing has been begun."""
    asked = job(shelf, {"a": (resized(width=5), PNG)})
    held = threading.Event()
    busy = asyncio.create_task(pool.run(held.wait, 5, cost=1))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await renderer.render(asked, shelf)
    held.set()
    await busy
    assert isinstance((await renderer.render(asked, shelf))["a"], Rendered)
    await pool.aclose()
    with pytest.raises(ShuttingDown):
        await renderer.render(asked, shelf)


@pytest.mark.parametrize("refusal", [WorkerDied("It died."), TooSlow("It took too long.")])
async def test_the_death_of_a_worker_is_tried_again(pool: Pool, shelf: Shelf, refusal: Refusal) -> None:
    """With its own code, which tells it from the death of the server."""
    outcomes = await PoolRenderer(pool, Failing(refusal), shelf, Deaths()).render(
        job(shelf, {"a": (resized(width=5), PNG)}), shelf
    )
    assert outcomes == {"a": RenderFailure(refusal.code, refusal.message, final=False)}


SLOW = Recipe((Step("median", {"radius": 9}),))


@pytest.mark.parametrize(
    ("refusal", "recipe", "counts"),
    [
        (WorkerDied("It died."), SLOW, True),
        (TooSlow("It took too long."), resized(width=5), True),
        (TooSlow("It took too long."), SLOW, False),
    ],
)
async def test_the_death_of_a_worker_counts(
    pool: Pool, shelf: Shelf, refusal: Refusal, recipe: Recipe, counts: bool
) -> None:
    """But slowness only where all that was asked for is quick; after two nothing is begun."""
    deaths, failing = Deaths(), Failing(refusal)
    renderer = PoolRenderer(pool, failing, shelf, deaths)
    asked = job(shelf, {"a": (resized(width=5), PNG), "b": (recipe, PNG)})
    for _ in range(2):
        await renderer.render(asked, shelf)
    assert (deaths.quarantine(asked.original) is not None) == counts
    outcomes = await PoolRenderer(pool, DirectExecutor(), shelf, deaths).render(asked, shelf)
    codes = {outcome.code for outcome in outcomes.values() if isinstance(outcome, RenderFailure)}
    assert codes == ({"QUARANTINED"} if counts else set())


async def test_the_end_of_the_server_is_no_failure(pool: Pool, shelf: Shelf) -> None:
    """The rendition is made when there is a server again."""
    renderer = PoolRenderer(pool, Failing(ShuttingDown("Later.")), shelf, Deaths())
    with pytest.raises(ShuttingDown):
        await renderer.render(job(shelf, {"a": (resized(width=5), PNG)}), shelf)


class Failing(DirectExecutor):
    """In whose work something happens."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def execute(self, *_: object) -> NoReturn:
        raise self._error


async def test_transparency_reaches_the_rendition(renderer: PoolRenderer, shelf: Shelf) -> None:
    """Gray with alpha is a picture too."""
    asked = job(shelf, {"a": (Recipe((Step("grayscale"), Step("resize", {"width": 30}))), PNG)})
    shelf.contents[asked.original] = written(to_pil(with_alpha(picture())), MediaType.PNG)
    outcome = (await renderer.render(asked, shelf))["a"]
    assert isinstance(outcome, Rendered)
    image = opened(shelf.contents[outcome.sha256])
    assert image.mode == "RGBA"
    assert image.size == (30, 20)
    alpha = from_pil(image)[..., 3]
    assert alpha.min() < 10
    assert alpha.max() > 245
