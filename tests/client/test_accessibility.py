"""No violation of WCAG 2.2 AA that axe can find, in any view, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import expect

from tests.client.pages import Pages, card, open_image, upload, upload_and_wait
from tests.client.pictures import png, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def furnished(browser: Browser, darkroom: Server) -> AsyncIterator[Server]:
    pages = Pages(browser)
    page = await pages.open(darkroom)
    await upload_and_wait(page, png("one.png", 300, 200), png("two.png", 200, 300), png("deleted.png"))
    await card(page, "deleted").get_by_role("link").click()
    await page.get_by_role("button", name="Delete").click()
    await expect(card(page, "deleted")).to_have_count(0)
    await pages.close()
    yield darkroom


async def check(page: Page) -> None:
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        results = await Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert results.violations_count == 0, f"{scheme}: {results.generate_report()}"


async def test_the_empty_gallery(fresh_darkroom: Server, pages: Pages) -> None:
    page = await pages.open(fresh_darkroom)
    await expect(page.get_by_role("heading", name="Nothing developed yet")).to_be_visible()
    await check(page)


async def test_the_gallery_with_everything_open(furnished: Server, pages: Pages) -> None:
    page = await pages.open(furnished, "/?min-width=10")
    await expect(page.locator(".card")).to_have_count(2)
    await page.get_by_label("Images").get_by_text("Filters", exact=True).click()
    await upload(page, text("refused.txt"))
    await expect(page.locator("li[data-status=refused]")).to_be_visible()
    await check(page)


async def test_the_gallery_on_a_phone(furnished: Server, pages: Pages) -> None:
    page = await pages.open(furnished, width=320, height=640)
    await expect(page.locator(".card img")).to_have_count(2)
    await check(page)


async def test_a_filter_without_results(furnished: Server, pages: Pages) -> None:
    page = await pages.open(furnished, "/?q=nothing")
    await expect(page.get_by_role("heading", name="No image fits")).to_be_visible()
    await check(page)


async def test_an_image_and_its_dialogs(furnished: Server, pages: Pages) -> None:
    page = await pages.open(furnished)
    await open_image(page, "one.png")
    await check(page)
    await page.keyboard.press("e")
    await expect(page.get_by_role("dialog", name="Edit image")).to_be_visible()
    await check(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await check(page)
    await page.keyboard.press("Escape")
    await page.locator(".status").click()
    await expect(page.get_by_role("dialog", name="What is running")).to_be_visible()
    await check(page)


async def test_what_was_deleted_and_what_is_missing(furnished: Server, pages: Pages) -> None:
    page = await pages.open(furnished, "/?deleted=1")
    await open_image(page, "deleted.png")
    await check(page)
    missing = await pages.open(furnished, "/images/nonsense")
    await expect(missing.get_by_role("heading", name="There is no such image")).to_be_visible()
    await check(missing)


async def test_a_deletion_with_its_notice(furnished: Server, pages: Pages) -> None:
    page = await pages.open(furnished)
    await open_image(page, "two.png")
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Undo").click()
    await expect(card(page, "two")).to_be_visible()


async def test_everything_is_reached_by_tab(furnished: Server, pages: Pages) -> None:
    page = await pages.open(furnished)
    await expect(page.locator(".card")).to_have_count(2)
    reached = []
    name_of_focus = "document.activeElement.ariaLabel ?? document.activeElement.innerText.trim()"
    for _ in range(13):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate(name_of_focus))
    for name in ("Skip to content", "Upload", "Search", "Order", "Filters", "Keyboard shortcuts"):
        assert name in reached
    assert sum("one.png" in name or "two.png" in name for name in reached) == 2
