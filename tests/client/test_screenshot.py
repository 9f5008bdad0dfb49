"""The pictures in the README are of the client as it is: UPDATE_SCREENSHOT=1 takes them anew."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.client.pages import Pages, open_image, upload_and_wait

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

TARGET = Path(__file__).with_name("screenshot.png")
EDITOR = Path(__file__).with_name("editor.jpg")
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


LASSO = [(0.5 + 0.28 * math.cos(turn / 30), 0.42 + 0.2 * math.sin(turn / 30)) for turn in range(188)]

on_request = pytest.mark.skipif(
    not os.environ.get("UPDATE_SCREENSHOT"), reason="runs with UPDATE_SCREENSHOT=1"
)


async def upload_photograph(page: Page, name: str) -> None:
    from skimage.data import data_dir  # noqa: PLC0415  (hundreds of milliseconds, for these tests alone)

    file = PHOTOGRAPHS[name]
    content = (Path(data_dir) / file).read_bytes()
    mime_type = "image/png" if file.endswith("png") else "image/jpeg"
    await upload_and_wait(page, {"name": name, "mimeType": mime_type, "buffer": content})


@on_request
async def test_screenshot(fresh_darkroom: Server, pages: Pages) -> None:
    page = await pages.open(fresh_darkroom, width=1280, height=720, scheme="dark")
    for name in PHOTOGRAPHS:
        await upload_photograph(page, name)
    await expect(page.locator(".card img")).to_have_count(len(PHOTOGRAPHS))
    await page.wait_for_timeout(500)
    await page.screenshot(path=TARGET)


@on_request
async def test_screenshot_of_the_editor(fresh_darkroom: Server, pages: Pages) -> None:
    page = await pages.open(fresh_darkroom, width=1280, height=800, scheme="dark")
    await upload_photograph(page, "Chelsea.png")
    await open_image(page, "Chelsea.png")
    await page.get_by_label("Add a step").select_option("contrast")
    await page.get_by_role("slider").fill("1.3")
    await page.get_by_role("button", name="Add step").click()
    await expect(page.locator(".steps li")).to_have_count(1)
    await page.get_by_label("Add a step").select_option("pixelate")
    await page.get_by_label("A lasso").check()
    box = await page.locator(".selection").bounding_box()
    assert box is not None
    for index, (across, down) in enumerate(LASSO):
        await page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        if index == 0:
            await page.mouse.down()
    await page.mouse.up()
    await page.wait_for_timeout(1000)
    await page.screenshot(path=EDITOR, type="jpeg", quality=85)
