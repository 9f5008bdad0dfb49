"""A picture that ends those who work on it, through the API."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from domain.errors import WorkerDied
from gql.app import application
from infrastructure import examinations, renderings
from infrastructure.pixels.executor import DirectExecutor
from infrastructure.settings import Settings
from tests.gql.api import Api, picture

if sys.platform == "linux":
    from infrastructure.pixels.worker_executor import Bounds

IMAGE = "query ($id: ID!) { image(id: $id) { preview(width: 99) quarantine { code message } } }"
HISTOGRAM = "query ($id: ID!) { image(id: $id) { histogram { red } } }"
HISTORY = """query ($id: ID!) { image(id: $id) { history { nodes { __typename
    ... on ImageQuarantined { quarantine { code } } } } } }"""


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
