"""The picture in the README is one of the client as it is: UPDATE_SCREENSHOT=1 takes it anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.client.pages import Pages, upload_and_wait

if TYPE_CHECKING:
    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

TARGET = Path(__file__).with_name("screenshot.png")
# Each free of restrictions, as `skimage.data` says of it.
PHOTOGRAPHS = {
    "Rocket.jpg": "rocket.jpg",
    "Cameraman.png": "camera.png",
    "Retina.jpg": "retina.jpg",
    "Brick.png": "brick.png",
    "Coins.png": "coins.png",
    "Chelsea.png": "chelsea.png",
    "Hubble deep field.jpg": "hubble_deep_field.jpg",
    "Astronaut.png": "astronaut.png",
    "Coffee.png": "coffee.png",
}


@pytest.mark.skipif(not os.environ.get("UPDATE_SCREENSHOT"), reason="runs with UPDATE_SCREENSHOT=1")
async def test_screenshot(fresh_darkroom: Server, pages: Pages) -> None:
    from skimage.data import data_dir  # noqa: PLC0415  (hundreds of milliseconds, for this test alone)

    page = await pages.open(fresh_darkroom, width=1280, height=720, scheme="dark")
    for name, file in PHOTOGRAPHS.items():
        content = (Path(data_dir) / file).read_bytes()
        mime_type = "image/png" if file.endswith("png") else "image/jpeg"
        await upload_and_wait(page, {"name": name, "mimeType": mime_type, "buffer": content})
    await expect(page.locator(".card img")).to_have_count(len(PHOTOGRAPHS))
    await page.wait_for_timeout(500)
    await page.screenshot(path=TARGET)
