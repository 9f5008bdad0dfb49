"""A large picture is looked at closely: tiles of what is seen are fetched, and nothing else."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from playwright.async_api import expect

from tests.client.pages import Pages, open_image, overflows, upload_and_wait
from tests.client.test_accessibility import check

if TYPE_CHECKING:
    from playwright.async_api import FilePayload, Page

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

TILE = re.compile(r"/iiif/3/[^/]+/(\d+),(\d+),(\d+),(\d+)/\d+,\d+/0/default\.jpg")


def large() -> FilePayload:
    """4,000 x 2,000 pixels: red on the left, blue on the right."""
    pixels = np.zeros((2000, 4000, 3), np.uint8)
    pixels[:, :2000, 2] = pixels[:, 2000:, 0] = 200
    content = cv2.imencode(".jpg", pixels)[1].tobytes()
    return {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": content}


async def colour(page: Page, x: float) -> list[int]:
    """Red, green and blue of what is shown at a part of the width, in the middle of the height."""
    shown: list[int] = await page.evaluate(
        """x => {
            const canvas = document.querySelector('.zoom canvas');
            const at = [Math.floor(canvas.width * x), Math.floor(canvas.height / 2), 1, 1];
            return [...canvas.getContext('2d').getImageData(...at).data].slice(0, 3);
        }""",
        x,
    )
    return [round(each / 100) for each in shown]


async def until_shown(page: Page, x: float, expected: list[int]) -> None:
    async with asyncio.timeout(10):
        while await colour(page, x) != expected:
            await asyncio.sleep(0.02)


async def test_a_large_picture_is_looked_at_closely(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)
    await upload_and_wait(page, large())
    await open_image(page, "large.jpg")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.get_by_role("button", name="Zoom", exact=True).click()
    dialog = page.get_by_role("dialog", name="large.jpg")
    view = dialog.get_by_role("application", name="large.jpg")
    await expect(view).to_be_focused()
    await expect(dialog.get_by_role("status")).to_have_text("32 %")
    await until_shown(page, 0.25, [2, 0, 0])
    await until_shown(page, 0.75, [0, 0, 2])
    assert not [url for url in asked if (found := TILE.search(url)) and int(found[3]) <= 512]
    await check(page)
    assert await overflows(page) == []
    await page.set_viewport_size({"width": 1280, "height": 800})

    box = await view.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    for _ in range(6):
        await page.mouse.wheel(0, -200)
    await expect(dialog.get_by_role("status")).not_to_have_text("32 %")
    await until_shown(page, 0.1, [0, 0, 2])
    async with asyncio.timeout(10):
        while not (near := [found for url in asked if (found := TILE.search(url)) and found[3] == "512"]):
            await asyncio.sleep(0.02)
    assert all(int(found[1]) > 0 for found in near)

    await page.mouse.down()
    await page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    await page.mouse.up()
    for key in ("0", "+", "-", "ArrowLeft", "0"):
        await page.keyboard.press(key)
    await expect(dialog.get_by_role("status")).to_have_text("32 %")
    await dialog.get_by_role("button", name="Zoom in").click()
    await expect(dialog.get_by_role("status")).to_have_text("48 %")
    await dialog.get_by_role("button", name="Whole image").click()
    await expect(dialog.get_by_role("status")).to_have_text("32 %")

    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Zoom", exact=True)).to_be_focused()
    await expect(page.get_by_role("heading", level=1, name="large.jpg")).to_be_visible()
