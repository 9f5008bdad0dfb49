"""A picture that ends those who work on it, through the API."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from domain.errors import WorkerDied
from domain.ports.pending import PendingExamination
from gql.app import application
from infrastructure import examinations, quarantines, renderings
from infrastructure.pixels.count_levels import CountLevels
from infrastructure.pixels.draw import Draw, MakeProxy
from infrastructure.pixels.examine import Examine
from infrastructure.pixels.examiner import PoolExaminer
from infrastructure.pixels.executor import DirectExecutor
from infrastructure.pixels.tasks import Render, Task
from infrastructure.settings import Settings
from tests.gql.api import Api, Data, picture

if sys.platform == "linux":
    from infrastructure.pixels.worker_executor import Bounds

IMAGE = "query ($id: ID!) { image(id: $id) { preview(width: 99) quarantine { code message } } }"
HISTOGRAM = "query ($id: ID!) { image(id: $id) { histogram { red } } }"
PREVIEW = """query ($id: ID!, $width: Int!) { image(id: $id) { preview(width: $width) examined
    quarantine { code message } } }"""
REQUEST = """mutation ($id: ID!) {
    requestRendition(input: {imageId: $id, preset: "thumbnail"}) { userErrors { code } } }"""
PURGE = """mutation ($id: ID!) {
    deleteImage(input: {id: $id}) { position } purgeImage(input: {id: $id}) { position } }"""
HISTORY = """query ($id: ID!) { image(id: $id) { history { nodes { __typename
    ... on ImageQuarantined { quarantine { code } } } } } }"""


class Deadly:
    """Where tasks of some kinds end those who carry them out. The others are carried out."""

    def __init__(self) -> None:
        self.kinds: set[type[Task[Any]]] = set()
        self.begun: list[str] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = DirectExecutor.execute

        def execute(executor: DirectExecutor, task: Task[Any], *rest: Any) -> object:  # noqa: ANN401
            self.begun.append(type(task).__name__)
            if type(task) in self.kinds:
                raise WorkerDied("It died.")
            return plain(executor, task, *rest)

        monkeypatch.setattr(DirectExecutor, "execute", execute)


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> Deadly:
    """An attempt that dies is not made again, so that whoever asks is who dies."""
    monkeypatch.setattr(renderings, "BACKOFF_SECONDS", 1000)
    monkeypatch.setattr(examinations, "BACKOFF_SECONDS", 1000)
    made = Deadly()
    made.install(monkeypatch)
    return made


async def shown(api: Api, image_id: str, width: int = 90) -> Data:
    image: Data = (await api.data(PREVIEW, id=image_id, width=width))["image"]
    return image


async def uploaded(api: Api, content: bytes) -> str:
    """An image of which nothing is under way."""
    image_id: str = (await api.upload(content, presets=[]))["image"]["id"]
    async with asyncio.timeout(20):
        while not (await shown(api, image_id))["examined"]:
            await asyncio.sleep(0.01)
    return image_id


async def previewed(api: Api, image_id: str, width: int) -> tuple[int, str]:
    answer = await api.http.get((await shown(api, image_id, width))["preview"])
    return answer.status_code, "" if answer.is_success else answer.json()["code"]


async def quarantined(api: Api, image_id: str) -> None:
    """By the log, as image and history tell."""
    async with asyncio.timeout(20):
        while (quarantine := (await shown(api, image_id))["quarantine"]) is None:
            await asyncio.sleep(0.01)
    assert quarantine == {"code": "WORKER_DIED", "message": "It died."}
    history = (await api.data(HISTORY, id=image_id))["image"]["history"]["nodes"]
    told = {"__typename": "ImageQuarantined", "quarantine": {"code": "WORKER_DIED"}}
    assert history.count(told) == 1


async def erased(api: Api, image_id: str) -> None:
    async with asyncio.timeout(20):
        while {"__typename": "ImageErased"} not in (
            (await api.data(HISTORY, id=image_id))["image"]["history"]["nodes"]
        ):
            await asyncio.sleep(0.01)


DIED = (503, "WORKER_DIED")
LEFT_ALONE = (422, "QUARANTINED")


async def test_a_picture_that_ends_two_workers_is_left_alone(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The image says why, its history when, and nothing is worked on that is asked for later."""
    works = 0

    def dies(*_: object) -> NoReturn:
        nonlocal works
        works += 1
        raise WorkerDied("It died.")

    monkeypatch.setattr(DirectExecutor, "execute", dies)
    monkeypatch.setattr(renderings, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(examinations, "BACKOFF_SECONDS", 0.001)
    image_id = (await api.upload(picture(64, 48)))["image"]["id"]
    made = (await api.settled(image_id))["renditions"]
    assert [each["failure"]["code"] for each in made] == ["QUARANTINED"] * 2
    worked = works
    image = (await api.data(IMAGE, id=image_id))["image"]
    assert image["quarantine"] == {"code": "WORKER_DIED", "message": "It died."}
    shown = await api.http.get(image["preview"])
    assert (shown.status_code, shown.json()["code"]) == (422, "QUARANTINED")
    small = await api.http.get(f"/images/{image_id}/thumbnail")
    assert (small.status_code, small.json()["code"]) == (422, "QUARANTINED")
    assert await api.codes(HISTOGRAM, id=image_id) == ["QUARANTINED"]
    history = (await api.data(HISTORY, id=image_id))["image"]["history"]["nodes"]
    assert {"__typename": "ImageQuarantined", "quarantine": {"code": "WORKER_DIED"}} in history
    assert works == worked


async def test_two_deaths_by_previews_are_enough(api: Api, deadly: Deadly) -> None:
    """Whatever is asked for after them, nothing decodes the picture again."""
    image_id = await uploaded(api, picture(64, 48))
    deadly.kinds = {Draw}
    assert await previewed(api, image_id, 60) == DIED
    assert await previewed(api, image_id, 61) == DIED
    begun = len(deadly.begun)
    deadly.kinds = set()
    assert await previewed(api, image_id, 62) == LEFT_ALONE
    await quarantined(api, image_id)
    assert await previewed(api, image_id, 63) == LEFT_ALONE
    assert await api.codes(HISTOGRAM, id=image_id) == ["QUARANTINED"]
    await api.data(REQUEST, id=image_id)
    (made,) = (await api.settled(image_id))["renditions"]
    assert made["failure"]["code"] == "QUARANTINED"
    assert len(deadly.begun) == begun


async def test_nothing_is_decoded_before_the_log_has_it_either(
    api: Api, deadly: Deadly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may be full for hours: who asks meanwhile is told the same."""
    plain, free = quarantines.quarantine_image, asyncio.Event()

    async def delayed(*what: Any) -> None:  # noqa: ANN401
        await free.wait()
        await plain(*what)

    monkeypatch.setattr(quarantines, "quarantine_image", delayed)
    image_id = await uploaded(api, picture(64, 48))
    deadly.kinds = {CountLevels}
    for _ in range(2):
        assert await api.codes(HISTOGRAM, id=image_id) == ["WORKER_DIED"]
    begun = len(deadly.begun)
    assert await api.codes(HISTOGRAM, id=image_id) == ["QUARANTINED"]
    assert await previewed(api, image_id, 62) == LEFT_ALONE
    assert (await shown(api, image_id))["quarantine"] is None
    free.set()
    await quarantined(api, image_id)
    assert len(deadly.begun) == begun


async def test_a_preview_and_a_rendering_are_two_deaths(api: Api, deadly: Deadly) -> None:
    """The rendition is not tried again; it says why."""
    image_id = await uploaded(api, picture(64, 48))
    deadly.kinds = {Draw, Render}
    assert await previewed(api, image_id, 60) == DIED
    await api.data(REQUEST, id=image_id)
    (made,) = (await api.settled(image_id))["renditions"]
    assert made["failure"]["code"] == "QUARANTINED"
    await quarantined(api, image_id)
    assert deadly.begun[-2:] == ["Draw", "Render"]


async def test_an_examination_and_a_histogram_are_two_deaths(
    api: Api, deadly: Deadly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examination is not tried again; neither is the histogram."""
    plain, examined = PoolExaminer.examine, asyncio.Event()

    async def watched(examiner: PoolExaminer, pending: PendingExamination) -> object:
        result = await plain(examiner, pending)
        examined.set()
        return result

    monkeypatch.setattr(PoolExaminer, "examine", watched)
    deadly.kinds = {Examine, CountLevels}
    image_id = (await api.upload(picture(64, 48), presets=[]))["image"]["id"]
    await asyncio.wait_for(examined.wait(), 20)
    assert await api.codes(HISTOGRAM, id=image_id) == ["WORKER_DIED"]
    assert await api.codes(HISTOGRAM, id=image_id) == ["QUARANTINED"]
    await quarantined(api, image_id)
    assert deadly.begun == ["Examine", "CountLevels"]


async def test_a_success_between_two_deaths_begins_anew(api: Api, deadly: Deadly) -> None:
    """One death may be the machine's, however often."""
    image_id = await uploaded(api, picture(64, 48))
    for width in (60, 62, 64):
        deadly.kinds = {Draw}
        assert await previewed(api, image_id, width) == DIED
        deadly.kinds = set()
        assert await previewed(api, image_id, width + 1) == (200, "")
    assert (await shown(api, image_id))["quarantine"] is None


async def test_a_proxy_that_is_deadly_is_not_the_originals_fault(api: Api, deadly: Deadly) -> None:
    """The one is a file of ours. To make it is work on the original."""
    image_id = await uploaded(api, picture(2100, 40, extension=".jpg"))
    async with asyncio.timeout(20):
        while "MakeProxy" not in deadly.begun:
            await asyncio.sleep(0.01)
    deadly.kinds = {Draw}
    for width in (60, 61, 62):
        assert await previewed(api, image_id, width) == DIED
    assert (await shown(api, image_id))["quarantine"] is None
    deadly.kinds = {MakeProxy}
    other = await uploaded(api, picture(2100, 40, shade=1, extension=".jpg"))
    async with asyncio.timeout(20):
        while await previewed(api, other, 60) != LEFT_ALONE:
            await asyncio.sleep(0.01)
    await quarantined(api, other)
    assert 2 <= deadly.begun[deadly.begun.index("Draw") :].count("MakeProxy") <= 3


async def test_what_is_purged_and_comes_again_begins_anew(api: Api, deadly: Deadly) -> None:
    """Nothing is remembered of what was there."""
    image_id = await uploaded(api, picture(64, 48))
    deadly.kinds = {Draw}
    for width in (60, 61):
        assert await previewed(api, image_id, width) == DIED
    await quarantined(api, image_id)
    deadly.kinds = set()
    await api.data(PURGE, id=image_id)
    await erased(api, image_id)
    again = await uploaded(api, picture(64, 48))
    assert again != image_id
    assert await previewed(api, again, 62) == (200, "")


@pytest.mark.skipif(sys.platform != "linux", reason="workers are for Linux alone")
async def test_two_workers_killed_by_the_clock_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture is left alone, and the next one is worked on."""
    common = Bounds.time
    monkeypatch.setattr(Bounds, "time", lambda *_: 0.0)
    monkeypatch.setattr(renderings, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(examinations, "BACKOFF_SECONDS", 0.001)
    settings = replace(Settings(), data=tmp_path / "data", threads=1, isolation="worker")
    async with application(settings) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            api = Api(http)
            bad = (await api.upload(picture(64, 48)))["image"]["id"]
            made = (await api.settled(bad))["renditions"]
            assert [each["failure"]["code"] for each in made] == ["QUARANTINED"] * 2
            told = (await api.data(IMAGE, id=bad))["image"]["quarantine"]
            assert told["code"] == "TOO_SLOW"
            monkeypatch.setattr(Bounds, "time", common)
            good = (await api.upload(picture(65, 48)))["image"]["id"]
            made = (await api.settled(good))["renditions"]
            assert [each["state"] for each in made] == ["READY"] * 2
