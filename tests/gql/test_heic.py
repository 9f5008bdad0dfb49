"""A photograph of a telephone, worked on where nothing else can be done."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pillow_heif
import pytest
from PIL import ExifTags, Image

from gql.app import application
from infrastructure.settings import Settings
from tests.background import in_one_task
from tests.gql.api import Api
from tests.infrastructure.pixels.files import picture, to_pil

if sys.platform != "linux":
    pytest.skip("workers are for Linux alone", allow_module_level=True)

FINDINGS = """query ($id: ID!) { image(id: $id) {
    examined placeholder pixelHash camera { make } original { mediaType width height } } }"""


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    settings = replace(Settings(), data=tmp_path / "data", threads=1, isolation="worker")
    async with in_one_task(application(settings)) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Api(http)


def photo() -> bytes:
    """Of tiles, upright when it is turned."""
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = "Apple"
    tags[ExifTags.Base.Orientation] = 6
    file = io.BytesIO()
    pillow_heif.from_pillow(to_pil(picture(640, 480))).save(file, tile_size=256, exif=tags.tobytes())
    return file.getvalue()


async def test_heic_is_rendered_and_examined_in_a_worker(api: Api) -> None:
    """As every picture is: by its presets, its hashes and its camera."""
    uploaded = await api.upload(photo(), "IMG_1234.HEIC")
    assert uploaded["userErrors"] == []
    image_id = uploaded["image"]["id"]
    made = {each["preset"]: each for each in (await api.settled(image_id))["renditions"]}
    assert {name: each["state"] for name, each in made.items()} == {
        "thumbnail": "READY",
        "grayscale-300": "READY",
    }
    assert (made["thumbnail"]["width"], made["thumbnail"]["height"]) == (192, 256)
    async with asyncio.timeout(20):
        while (image := (await api.data(FINDINGS, id=image_id))["image"])["examined"] is False:
            await asyncio.sleep(0.02)
    assert image["original"] == {"mediaType": "image/heic", "width": 480, "height": 640}
    assert image["camera"] == {"make": "Apple"}
    assert image["pixelHash"]
    assert image["placeholder"]
