"""Presets that were saved anew: tried, replayed and rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.client.pages import Pages, overflows
from tests.client.pictures import png
from tests.client.test_accessibility import check
from tests.client.test_editor import LISTEN

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAVE = """mutation ($name: String!, $largest: Int!) { savePreset(input: {
    name: $name, steps: [{grayscale: {}}], output: {format: WEBP, largest: $largest}
}) { userErrors { code } } }"""
DELETE = "mutation ($id: ID!) { deleteImage(input: {id: $id}) { userErrors { code } } }"

SIZES = {size: f"{size} \N{MULTIPLICATION SIGN} {round(size / 1.5)} · WebP" for size in (60, 30)}


async def opened(pages: Pages, server: Server, preset: str) -> Page:
    """An image that shows the first of two versions of a preset; another one by it is deleted."""
    await server.query(SAVE, name=preset, largest=60)
    ids = []
    for name in ("deleted.png", "shown.png"):
        file = png(name)
        ids.append((await server.upload(file["buffer"], name, presets=[preset]))["image"]["id"])
    page = await pages.open(server, f"/images/{ids[1]}", width=1200, height=900)
    await expect(rendition(page, preset)).to_contain_text(SIZES[60], timeout=20_000)
    await server.query(DELETE, id=ids[0])
    await server.query(SAVE, name=preset, largest=30)
    await page.locator("summary").filter(has_text="Presets").click()
    await page.evaluate(LISTEN)
    return page


def rendition(page: Page, preset: str) -> Locator:
    return page.locator(f".renditions li[data-preset={preset}]")


async def is_said(page: Page, text: str) -> None:
    """To those who do not look."""
    await page.wait_for_function("text => announced.includes(text)", arg=text)


async def test_a_preset_is_tried_replayed_and_rolled_back(darkroom: Server, pages: Pages) -> None:
    """All is told before it is done; the page shows the other version at once, and can go back. Nobody is
    kept out of it."""
    page = await opened(pages, darkroom, "web")
    presets = page.locator(".presets li", has=page.locator("#preset-web"))
    await expect(presets).to_contain_text("Images show version 1 of 2.")
    await presets.get_by_role("button", name="Try replay").click()
    counts = "1 image would be rendered, 1 cannot be rendered."
    await expect(presets).to_contain_text(counts)
    await is_said(page, counts)
    for version, size in ((1, 60), (2, 30)):
        picture = presets.get_by_role("img", name=f"“shown.png” by version {version}")
        await expect(picture).to_have_js_property("naturalWidth", size)
    await expect(rendition(page, "web")).to_contain_text(SIZES[60])
    await check(page)
    assert await overflows(page) == []

    await presets.get_by_role("button", name="Replay web", exact=True).click()
    await expect(rendition(page, "web")).to_contain_text(SIZES[30], timeout=20_000)
    outcome = "Replayed “web”: 1 image rendered, 1 could not be rendered."
    await expect(page.locator(".toast")).to_contain_text(outcome)
    await is_said(page, "Replaying “web”.")
    await is_said(page, outcome)
    await expect(presets.locator("strong")).to_be_focused()
    await expect(presets).to_contain_text("Images show version 2.")

    await presets.get_by_role("button", name="Roll back").click()
    await expect(rendition(page, "web")).to_contain_text(SIZES[60])
    await expect(presets).to_contain_text("Images show version 3.")
    await is_said(page, "Rolled “web” back.")
    await presets.get_by_role("button", name="Roll back").click()
    await expect(page.locator(".toast")).to_contain_text("Images have shown no version before this one.")
