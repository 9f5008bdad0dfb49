"""Pictures by presets and by signed URLs, in the format that a client takes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from gql.app import application
from infrastructure.settings import Settings
from tests.background import in_one_task
from tests.gql.api import Api, picture

KEY = "k" * 32
TRANSFORM = """query ($id: ID!, $steps: [StepInput!], $output: OutputInput, $expiresIn: Int) {
    image(id: $id) { transformUrl(steps: $steps, output: $output, expiresIn: $expiresIn) } }"""
RESPONSIVE = """query ($id: ID!, $preset: String, $widths: [Int!]) { image(id: $id) {
    responsive(preset: $preset, widths: $widths) { src srcSet sizes width height } } }"""
BROWSER = "image/avif,image/webp,image/*,*/*;q=0.8"


@pytest.fixture
async def signing(tmp_path: Path) -> AsyncIterator[Api]:
    """Where transforms are allowed, by a key of one's own."""
    settings = replace(
        Settings(),
        data=tmp_path / "data",
        threads=1,
        isolation="thread",
        transforms="signed",
        url_keys=(KEY,),
    )
    async with in_one_task(application(settings)) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Api(http)


async def uploaded(api: Api, content: bytes | None = None, presets: list[str] | None = None) -> str:
    wanted = {} if presets is None else {"presets": presets}
    image_id: str = (await api.upload(content or picture(400, 300), "a.png", **wanted))["image"]["id"]
    return image_id


async def transform(api: Api, image_id: str, **wanted: object) -> str:
    url: str = (await api.data(TRANSFORM, id=image_id, **wanted))["image"]["transformUrl"]
    return url


def shape(response: httpx.Response) -> tuple[int, ...]:
    assert response.status_code == 200, response.text
    pixels = cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return tuple(pixels.shape)


async def steps_added(api: Api, image_id: str, *steps: Any) -> None:  # noqa: ANN401
    sent = """mutation ($id: ID!, $steps: [StepInput!]!) {
        appendSteps(input: {id: $id, steps: $steps}) { userErrors { code } } }"""
    assert (await api.data(sent, id=image_id, steps=steps))["appendSteps"]["userErrors"] == []


# -- signed


async def test_a_transform_is_the_image_then_the_steps_in_the_format_asked_for(signing: Api) -> None:
    """The URL says all of it, so that it stays what it is when the recipe changes."""
    image_id = await uploaded(signing)
    url = await transform(
        signing,
        image_id,
        steps=[{"resize": {"width": 100, "height": 60}}],
        output={"format": "WEBP", "quality": 50, "largest": 50},
    )
    response = await signing.http.get(url)
    assert response.headers["content-type"] == "image/webp"
    assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert shape(response) == (30, 50, 3)
    await steps_added(signing, image_id, {"grayscale": {}})
    assert (await signing.http.get(url)).content == response.content
    assert len(shape(await signing.http.get(await transform(signing, image_id)))) == 2


async def test_a_transform_expires(signing: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept no longer than that."""
    monkeypatch.setattr(time, "time", lambda: 1_000.5)
    url = await transform(signing, await uploaded(signing), expiresIn=60)
    assert (await signing.http.get(url)).headers["cache-control"] == "private, max-age=60"
    monkeypatch.setattr(time, "time", lambda: 1_060)
    answer = await signing.http.get(url)
    assert (answer.status_code, answer.json()["code"]) == (403, "URL_EXPIRED")


@pytest.mark.parametrize(
    "wanted",
    [
        {"output": {"format": "AVIF"}},
        {"output": {"format": "PNG", "quality": 5}},
        {"output": {"quality": 101}},
        {"expiresIn": 0},
        {"expiresIn": 366 * 24 * 3600 + 1},
        {"steps": [{"resize": {"width": 32768, "height": 32768}}]},
        {"steps": [{"grayscale": {}}] * 400},
    ],
)
async def test_what_is_not_made_while_somebody_waits_is_refused(signing: Api, wanted: dict[str, Any]) -> None:
    """Before there is a URL."""
    assert await signing.codes(TRANSFORM, id=await uploaded(signing), **wanted) == ["INVALID_INPUT"]


async def test_a_preview_s_signature_is_none_for_a_transform(signing: Api) -> None:
    """What is allowed for one purpose is not allowed for another."""
    url = await transform(signing, await uploaded(signing))
    assert (await signing.http.get(url.replace("transforms", "previews"))).status_code == 403


async def test_by_presets_alone_there_are_no_transforms(api: Api) -> None:
    """Unless whoever runs the server says so."""
    image_id = await uploaded(api)
    assert await api.codes(TRANSFORM, id=image_id) == ["TRANSFORMS_OFF"]
    assert (await api.http.get("/transforms/x/y.z")).status_code == 404


# -- by preset


def preset_url(image_id: str, preset: str = "thumbnail") -> str:
    return f"/images/{image_id}/{preset}"


async def test_a_rendition_that_lasts_is_led_to(api: Api) -> None:
    """One URL, whatever becomes of the recipe."""
    image_id = await uploaded(api)
    (made,) = [each for each in (await api.settled(image_id))["renditions"] if each["preset"] == "thumbnail"]
    answer = await api.http.get(preset_url(image_id), headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["location"]) == (302, made["url"])
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "private, no-cache"
    await steps_added(api, image_id, {"resize": {"width": 50}})
    await api.settled(image_id)
    after = await api.http.get(preset_url(image_id), headers={"Accept": BROWSER})
    assert after.headers["location"] != made["url"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (BROWSER, "image/webp"),
        ("image/webp", "image/webp"),
        ("*/*", "image/webp"),
        ("image/*;q=0.5", "image/webp"),
        ("image/avif", "image/jpeg"),
        ("image/png, image/jpeg", "image/jpeg"),
        ("image/webp;q=0, */*", "image/jpeg"),
        ("text/html", "image/jpeg"),
    ],
)
async def test_without_one_the_picture_is_made_in_a_format_that_is_taken(
    api: Api, accept: str, media_type: str
) -> None:
    """Never AVIF, for which somebody would wait too long; and it is asked for again next time."""
    image_id = await uploaded(api, presets=[])
    response = await api.http.get(preset_url(image_id), headers={"Accept": accept})
    assert shape(response) == (192, 256, 3)
    assert response.headers["content-type"] == media_type
    assert response.headers["vary"] == "Accept"
    assert response.headers["cache-control"] == "private, no-cache"
    known = {"Accept": accept, "If-None-Match": response.headers["etag"]}
    assert (await api.http.get(preset_url(image_id), headers=known)).status_code == 304


async def test_avif_is_sent_where_it_lasts(api: Api) -> None:
    """To those who name it."""
    image_id = await uploaded(api)
    sent = """mutation ($id: ID!) { requestRendition(input: {imageId: $id, preset: "grayscale-300",
        output: {format: AVIF}}) { userErrors { code } } }"""
    assert (await api.data(sent, id=image_id))["requestRendition"]["userErrors"] == []
    await api.settled(image_id)
    url = preset_url(image_id, "grayscale-300")
    assert (await api.http.get(url, headers={"Accept": BROWSER})).headers["location"].endswith(".avif")
    assert (await api.http.get(url, headers={"Accept": "*/*"})).headers["location"].endswith(".png")


async def test_what_is_not_there_is_not_found(api: Api) -> None:
    """Images, presets, and what is deleted."""
    image_id = await uploaded(api)
    for url in (preset_url("img_x"), preset_url("img_%FF"), preset_url(image_id, "thumbnale")):
        assert (await api.http.get(url)).status_code == 404
    assert (await api.http.put(preset_url(image_id))).status_code == 405
    await api.data("mutation ($id: ID!) { deleteImage(input: {id: $id}) { position } }", id=image_id)
    assert (await api.http.get(preset_url(image_id))).status_code == 404


# -- for HTML


async def test_html_is_told_which_widths_there_are(api: Api) -> None:
    """None wider than the image; the widest for those who know only one."""
    image_id = await uploaded(api)
    shown = (await api.data(RESPONSIVE, id=image_id, widths=[1000, 100, 200, 400]))["image"]["responsive"]
    candidates = [candidate.split(" ") for candidate in shown["srcSet"].split(", ")]
    assert [width for _, width in candidates] == ["100w", "200w", "400w"]
    for url, width in candidates:
        assert shape(await api.http.get(url))[1] == int(width[:-1])
    assert shown["src"] == candidates[-1][0]
    assert (shown["sizes"], shown["width"], shown["height"]) == ("100vw", 400, 300)


async def test_html_is_told_of_a_preset(api: Api) -> None:
    """In the widths that it has."""
    image_id = await uploaded(api)
    shown = (await api.data(RESPONSIVE, id=image_id, preset="grayscale-300"))["image"]["responsive"]
    assert (shown["srcSet"], shown["width"], shown["height"]) == (f"{shown['src']} 300w", 300, 300)
    assert shape(await api.http.get(shown["src"])) == (300, 300)


@pytest.mark.parametrize("widths", [[], [0], [-5, 10], list(range(1, 14))])
async def test_widths_are_bounded(api: Api, widths: list[int]) -> None:
    """In number and in size."""
    assert await api.codes(RESPONSIVE, id=await uploaded(api), widths=widths) == ["INVALID_INPUT"]
    assert await api.codes(RESPONSIVE, id=await uploaded(api), preset="thumb") == ["UNKNOWN_NAME"]


# -- the past


async def test_the_past_is_previewed_as_it_was(api: Api) -> None:
    """By the steps of then, which are not those of now."""
    image_id = await uploaded(api)
    asked = "query ($id: ID!, $asOf: AsOf) { image(id: $id, asOf: $asOf) { asOf preview(width: 100) } }"
    before = (await api.data(asked, id=image_id))["image"]["asOf"]
    await steps_added(api, image_id, {"grayscale": {}})
    past = (await api.data(asked, id=image_id, asOf={"cursor": before}))["image"]["preview"]
    assert shape(await api.http.get(past)) == (75, 100, 3)
