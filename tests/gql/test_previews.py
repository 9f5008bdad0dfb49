"""Previews: any recipe at any width, by a URL that the API gives, and nothing of it is recorded."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from domain.errors import Busy, DamagedFile, NotRendered, Refusal
from domain.picture import Picture, PictureRequest
from domain.ports.rendering import RenderFailure
from gql import backend
from gql.app import application
from infrastructure.pictures import PoolPictures
from infrastructure.pixels.draw import Draw
from infrastructure.pixels.tasks import Encoded
from infrastructure.settings import Settings
from tests.background import in_one_task
from tests.gql.api import Api, picture

PREVIEW = """query ($id: ID!, $width: Int!, $steps: [StepInput!]) {
    image(id: $id) { preview(width: $width, steps: $steps) } }"""
GRAY: dict[str, Any] = {"grayscale": {}}


async def preview(api: Api, image_id: str, width: int = 300, steps: list[Any] | None = None) -> str:
    data = await api.data(PREVIEW, id=image_id, width=width, steps=steps)
    url: str = data["image"]["preview"]
    return url


async def uploaded(api: Api, content: bytes | None = None) -> str:
    image_id: str = (await api.upload(content or picture(400, 300)))["image"]["id"]
    return image_id


def decoded(response: httpx.Response) -> Any:  # noqa: ANN401
    assert response.status_code == 200, response.text
    return cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED)


async def test_a_preview_shows_the_image_by_its_recipe(api: Api) -> None:
    """As wide as asked for, and never wider than it is."""
    image_id = await uploaded(api)
    pixels = decoded(await api.http.get(await preview(api, image_id, 100)))
    assert pixels.shape == (75, 100, 3)
    assert decoded(await api.http.get(await preview(api, image_id, 4096))).shape == (300, 400, 3)


async def test_steps_on_trial_are_shown_and_not_recorded(api: Api) -> None:
    """They are done instead of the recipe, which stays what it was."""
    image_id = await uploaded(api)
    before = (await api.data("query ($id: ID!) { image(id: $id) { version } }", id=image_id))["image"]
    shown = decoded(await api.http.get(await preview(api, image_id, 100, [GRAY])))
    assert shown.shape == (75, 100)
    cut = [{"resize": {"width": 40, "height": 40}}, GRAY]
    assert decoded(await api.http.get(await preview(api, image_id, 100, cut))).shape == (40, 40)
    after = (await api.data("query ($id: ID!) { image(id: $id) { version } }", id=image_id))["image"]
    assert before == after


async def test_another_recipe_has_another_url(api: Api) -> None:
    """The former one is not found: it would show what the image is not any more."""
    image_id = await uploaded(api)
    former = await preview(api, image_id)
    added = """mutation ($id: ID!, $steps: [StepInput!]!) {
        appendSteps(input: {id: $id, steps: $steps}) { userErrors { code } } }"""
    assert (await api.data(added, id=image_id, steps=[GRAY]))["appendSteps"]["userErrors"] == []
    now = await preview(api, image_id)
    assert now != former
    assert decoded(await api.http.get(now)).ndim == 2
    answer = await api.http.get(former)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_preview_can_be_kept_for_ever(api: Api) -> None:
    """By the client alone; it is a picture and nothing else."""
    url = await preview(api, await uploaded(api))
    response = await api.http.get(url)
    etag = response.headers["etag"]
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', etag)
    assert dict(response.headers) == {
        "cache-control": "private, max-age=31536000, immutable",
        "content-disposition": "inline; filename=\"a-preview.jpg\"; filename*=UTF-8''a-preview.jpg",
        "content-length": str(len(response.content)),
        "content-security-policy": "default-src 'none'; sandbox",
        "content-type": "image/jpeg",
        "cross-origin-resource-policy": "cross-origin",
        "etag": etag,
        "x-content-type-options": "nosniff",
    }
    again = await api.http.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    told = await api.http.head(url)
    assert (told.status_code, told.content, told.headers) == (200, b"", response.headers)
    assert (await api.http.get(url, headers={"If-Match": '"other"'})).status_code == 412


async def test_transparency_is_shown(api: Api) -> None:
    """As a PNG."""
    pixels = np.zeros((30, 40, 4), np.uint8)
    image_id = await uploaded(api, cv2.imencode(".png", pixels)[1].tobytes())
    response = await api.http.get(await preview(api, image_id, 20))
    assert response.headers["content-type"] == "image/png"
    assert decoded(response).shape == (15, 20, 4)


async def test_nobody_makes_the_server_compute_what_it_was_not_asked_for(api: Api) -> None:
    """Another image, another width, another text: what is not signed is refused."""
    image_id, other = await uploaded(api), await uploaded(api, picture(40, 30))
    url = await preview(api, image_id)
    _, _, own, signed = url.split("/")
    payload, signature = signed.split(".")
    for forged in (
        f"/previews/{other.removeprefix('img_')}/{signed}",
        f"/previews/{own}/{payload}A.{signature}",
        f"/previews/{own}/{payload}.{signature.swapcase()}",
        f"/previews/{own}/{payload}",
        f"/previews/{own}/%FF.%FF",
        f"/previews/x/{signed}",
    ):
        answer = await api.http.get(forged)
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_SIGNED")
    answer = await api.http.post(url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_deleted_image_has_no_previews(api: Api) -> None:
    """Until it is restored."""
    image_id = await uploaded(api)
    url = await preview(api, image_id)
    for mutation, status in (("deleteImage", 404), ("restoreImage", 200)):
        await api.data(
            f"mutation ($id: ID!) {{ {mutation}(input: {{id: $id}}) {{ position }} }}", id=image_id
        )
        assert (await api.http.get(url)).status_code == status


@pytest.mark.parametrize(
    ("width", "steps"),
    [
        (0, None),
        (4097, None),
        (-1, [GRAY]),
        (300, [{"resize": {}}]),
        (300, [{"resize": {"width": 32768, "height": 32768}}]),
        (300, [{"grayscale": {"region": {"rectangle": {"x": 0, "y": 0, "width": 401, "height": 1}}}}]),
        (300, [GRAY] * 400),
    ],
)
async def test_what_cannot_be_shown_is_refused_with_its_url(
    api: Api, width: int, steps: list[Any] | None
) -> None:
    """Widths, parameters, sizes, regions, and steps that are too long for a URL."""
    variables = {"id": await uploaded(api), "width": width, "steps": steps}
    assert await api.codes(PREVIEW, **variables) == ["INVALID_INPUT"]


@pytest.mark.parametrize(
    ("refusal", "status", "retry"),
    [
        (Busy("Too many pictures are waiting to be worked on."), 503, "1"),
        (DamagedFile("The PNG cannot be decoded."), 422, None),
        (NotRendered("The picture could not be rendered."), 500, None),
    ],
)
async def test_why_there_is_no_picture_is_said(
    api: Api, monkeypatch: pytest.MonkeyPatch, refusal: Refusal, status: int, retry: str | None
) -> None:
    """At once, with a code, and when to ask again."""

    async def refuse(*_: object) -> Picture:
        raise refusal

    url = await preview(api, await uploaded(api))
    monkeypatch.setattr(PoolPictures, "make", refuse)
    answer = await api.http.get(url)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry)
    assert answer.json() == {"code": refusal.code, "message": refusal.message}
    assert answer.headers["cache-control"] == "no-store"


async def test_who_comes_when_all_places_are_taken_is_sent_away_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 503 and a time to come back, by every URL of pictures; those that wait get theirs."""
    monkeypatch.setattr(backend, "WAITING_JOBS", 1)
    gate, carry_out = threading.Event(), Draw.carry_out

    def held(task: Draw, content: bytes) -> Encoded | RenderFailure:
        assert gate.wait(20)
        return carry_out(task, content)

    settings = replace(
        Settings(),
        data=tmp_path / "data",
        threads=1,
        isolation="thread",
        upload_presets=(),
        transforms="signed",
    )
    async with in_one_task(application(settings)) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            api = Api(http)
            image_id = await uploaded(api)
            image: dict[str, Any] = {"examined": False}
            async with asyncio.timeout(20):
                while not image["examined"]:  # by one of the places
                    asked = "query ($id: ID!) { image(id: $id) { examined transformUrl } }"
                    image = (await api.data(asked, id=image_id))["image"]
            others = [image["transformUrl"], f"/images/{image_id}/thumbnail"]
            urls = [await preview(api, image_id, width) for width in range(100, 106)]
            monkeypatch.setattr(Draw, "carry_out", held)
            waiting = [asyncio.create_task(http.get(url)) for url in urls]
            refused, _ = await asyncio.wait(waiting, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            answers = [task.result() for task in refused] + [await http.get(url) for url in others]
            gate.set()
            await asyncio.wait(waiting)
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(503, "1")}
    assert {answer.json()["code"] for answer in answers} == {"BUSY"}
    assert 200 in {task.result().status_code for task in waiting}


async def test_a_preview_that_nobody_waits_for_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the client goes away, as one does whose user has moved a slider on."""
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def slow(_: object, wanted: PictureRequest) -> Picture:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError(wanted)

    async with in_one_task(
        application(replace(Settings(), data=tmp_path / "data", threads=1, isolation="thread"))
    ) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            api = Api(http)
            url = await preview(api, await uploaded(api))
        monkeypatch.setattr(PoolPictures, "make", slow)
        sent: list[Any] = []

        async def receive() -> dict[str, object]:
            await begun.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:  # noqa: ANN401
            sent.append(message)

        headers = [(b"host", b"localhost")]
        scope = {"type": "http", "method": "GET", "path": url, "query_string": b"", "headers": headers}
        async with asyncio.timeout(10):
            await app.asgi(scope, receive, send)
            await cancelled.wait()
        assert sent[0]["status"] == 499


async def test_small_previews_of_a_large_image_come_from_a_proxy_that_goes_with_it(
    api: Api, tmp_path: Path
) -> None:
    """It is made after the upload; a purge leaves nothing of it."""
    folder = tmp_path / "data" / "proxies"
    image_id = await uploaded(api, picture(2400, 1600, extension=".jpg"))
    async with asyncio.timeout(20):
        while not list(folder.iterdir()):
            await asyncio.sleep(0.02)
    assert decoded(await api.http.get(await preview(api, image_id, 301))).shape == (201, 301, 3)
    for mutation in ("deleteImage", "purgeImage"):
        sent = f"mutation ($id: ID!) {{ {mutation}(input: {{id: $id}}) {{ userErrors {{ code }} }} }}"
        await api.data(sent, id=image_id)
    async with asyncio.timeout(20):
        while list(folder.iterdir()):
            await asyncio.sleep(0.02)
