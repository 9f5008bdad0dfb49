"""The API over a read model that has stopped."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.album_service import AlbumService
from domain.bulk_service import BulkService
from domain.events import ImageDeleted, ImageRestored
from domain.preset_service import PresetService
from domain.presets import Presets
from domain.rendition_service import RenditionService
from domain.replay_service import ReplayService
from domain.service import ImageService
from domain.webhook_service import WebhookService
from gql.app import application
from gql.backend import LOCAL
from gql.context import Context, Urls
from gql.http.files import original_url, rendition_url
from gql.recent import RecentImages
from gql.schema import build_schema
from infrastructure.memory.content import MemoryContentStore
from infrastructure.settings import Settings
from infrastructure.sqlite import rebuild, upkeep
from infrastructure.sqlite.store import open_store
from infrastructure.webhooks.addresses import AddressPolicy
from tests.examples import HEADER, append, uploaded
from tests.gql.subscribing import NoHistograms, NoWebhooks

ID = "a" * 32
FOLD = "infrastructure.sqlite.folds.images.ImageFold._change"
FOLLOW = "subscription ($after: Cursor) { events(after: $after) { __typename cursor } }"
DELETE = """mutation ($id: ID!) { deleteImage(input: {id: $id}) {
    image { state } position userErrors { code } } }"""


def broken(*_: Any, **__: Any) -> None:  # noqa: ANN401
    raise ZeroDivisionError


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with application(replace(Settings(), data=folder, threads=1, isolation="thread")) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield http


async def get(http: httpx.AsyncClient, path: str) -> tuple[int, dict[str, Any]]:
    answer = await http.get(path)
    return answer.status_code, answer.json()


async def test_changes_are_answered_and_the_state_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown is older than the answer's position, which is a good cursor all the same."""
    async with open_store(tmp_path) as store:
        await store.log.append(append(f"image-{ID}", uploaded(ID), owner="local"))
    monkeypatch.setattr(FOLD, broken)
    async with serving(tmp_path) as http:
        assert await get(http, "/health/ready") == (
            200,
            {"status": "ready", "checks": ["read model"]},
        )
        body = {"query": DELETE, "variables": {"id": f"img_{ID}"}}
        payload = (await http.post("/graphql", json=body)).json()["data"]["deleteImage"]
        assert payload["image"] == {"state": "ACTIVE"}
        assert payload["userErrors"] == []
        status, told = await get(http, "/health/ready")
        assert status == 503
        reason = told["problems"]["read model"]
        stopped = r"stopped at position \d, before event \d, ImageDeleted: ZeroDivisionError"
        assert re.match(stopped, reason)  # the original may have been begun to be examined before
        assert (await get(http, "/health/live"))[0] == 200


async def test_a_subscription_from_a_position_that_is_not_shown_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has told all there is to tell, and goes on when the read model does."""
    monkeypatch.setattr(upkeep, "RETRY_SECONDS", 0.02)
    async with open_store(tmp_path) as store:
        presets = Presets()
        context = Context(
            caller=LOCAL,
            images=ImageService(store.log, MemoryContentStore(lambda _: HEADER), presets, ()),
            renditions=RenditionService(store.log, Presets()),
            saved_presets=PresetService(store.log, Presets()),
            albums=AlbumService(store.log),
            webhooks=WebhookService(store.log, AddressPolicy()),
            known_webhooks=NoWebhooks(),
            bulk=BulkService(store.log, store.read_model),
            replays=ReplayService(store.log, store.read_model, Presets()),
            recent=RecentImages(store.log, store.read_model),
            log=store.log,
            read_model=store.read_model,
            presets=presets,
            histograms=NoHistograms(),
            urls=Urls(
                original_url, rendition_url, lambda image_id, _: image_id, lambda image_id, _: image_id
            ),
        )
        with monkeypatch.context() as stopped:
            stopped.setattr(FOLD, broken)
            await store.log.append(append(f"image-{ID}", uploaded(ID), owner="local"))
            second = await store.log.append(append(f"image-{ID}", ImageDeleted(image_id=ID), owner="local"))
            assert (store.log.head, second.position) == (1, 2)
            after = {"after": context.cursor(second.position)}
            results = await build_schema().subscribe(FOLLOW, after, context_value=context)
            assert isinstance(results, AsyncGenerator)
            told = (await anext(results)).data
            assert told == {"events": {"__typename": "CaughtUp", "cursor": after["after"]}}
        await store.log.append(append(f"image-{ID}", ImageRestored(image_id=ID), owner="local"))
        told = (await anext(results)).data
        assert told == {"events": {"__typename": "ImageRestored", "cursor": context.cursor(3)}}
        await results.aclose()


async def test_a_rebuild_that_failed_is_said_and_takes_nothing_out_of_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read file that there was serves as before."""
    async with open_store(tmp_path) as store:
        await store.log.append(append(f"image-{ID}", uploaded(ID), owner="local"))
    with closing(sqlite3.connect(tmp_path / "read-1.db", isolation_level=None)) as db:
        db.execute("UPDATE checkpoint SET projection = 'x'")
    monkeypatch.setattr(rebuild, "command", lambda _: ["false"])
    async with serving(tmp_path) as http, asyncio.timeout(20):
        while "warnings" not in (told := (await get(http, "/health/ready"))[1]):
            await asyncio.sleep(0.01)
        assert told == {
            "status": "ready",
            "checks": ["read model"],
            "warnings": {
                "rebuild of the read model": "the child process ended with exit code 1: it said nothing"
            },
        }
        images = (await http.post("/graphql", json={"query": "{ images { totalCount } }"})).json()
        assert images["data"] == {"images": {"totalCount": 1}}
