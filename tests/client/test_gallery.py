"""Finding pictures again: filters, order and pages, all of it in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.client.pages import Pages, card, open_image, overflows
from tests.client.pictures import png

if TYPE_CHECKING:
    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE_SIZE = 60


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gallery(darkroom: Server) -> Server:
    """Seventy images: `wide` 400 by 50, `high` 60 by 300, and 68 small ones."""
    small = [png(f"small {number:02}.png", 40, 30) for number in range(68)]
    for picture in (*small, png("wide.png", 400, 50), png("high.png", 60, 300)):
        await darkroom.upload(picture["buffer"], picture["name"])
    return darkroom


async def test_dimensions_filter_and_stand_in_the_address(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery)
    await page.get_by_text("Filters").click()
    await page.get_by_label("Width from").fill("41")
    await page.get_by_label("Width from").press("Enter")
    await expect(page.locator(".card")).to_have_count(2)
    await page.get_by_label("Height to").fill("299")
    await page.get_by_label("Height to").press("Enter")
    await expect(page.locator(".card")).to_have_count(1)
    await expect(card(page, "wide")).to_be_visible()
    assert "min-width=41" in page.url
    assert "max-height=299" in page.url
    await page.reload()
    await expect(page.locator(".card")).to_have_count(1)
    await page.get_by_role("button", name="Remove filter Height ≤ 299 px").click()
    await expect(page.locator(".card")).to_have_count(2)
    await page.get_by_role("button", name="Clear filters").click()
    await expect(page.locator(".card")).to_have_count(PAGE_SIZE)


async def test_a_filter_that_nothing_fits_can_be_cleared(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery, "/?min-width=9000")
    await expect(page.get_by_role("heading", name="No image fits")).to_be_visible()
    await page.locator(".notice").get_by_role("button", name="Clear filters").click()
    await expect(page.locator(".card")).to_have_count(PAGE_SIZE)


async def test_bounds_that_cross_are_pointed_out(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery, "/?min-width=20&max-width=10")
    await page.get_by_label("Images").get_by_text("Filters", exact=True).click()
    await expect(page.get_by_text("“from” is larger than “to”")).to_be_visible()


async def test_words_are_searched_while_they_are_typed(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery)
    await expect(page.locator(".card")).to_have_count(PAGE_SIZE)
    await page.keyboard.press("/")
    await page.keyboard.type("small 07")
    await expect(page.locator(".card")).to_have_count(1)
    await expect(page.get_by_label("Search")).to_have_value("small 07")
    await expect(page.locator("[data-announcer]")).to_have_text("1 image.")


async def test_pages_turn_both_ways_without_loss(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery, "/?sort=name")
    await expect(page.locator(".card")).to_have_count(PAGE_SIZE)
    first = await page.locator(".card .name").all_inner_texts()
    await page.get_by_role("link", name="Next").click()
    await expect(page.locator(".card")).to_have_count(10)
    second = await page.locator(".card .name").all_inner_texts()
    assert [*first, *second] == sorted({*first, *second})
    await page.get_by_role("link", name="Previous").click()
    await expect(page.locator(".card")).to_have_count(PAGE_SIZE)
    assert await page.locator(".card .name").all_inner_texts() == first


async def test_the_order_is_chosen(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery)
    await page.get_by_label("Order").select_option("Tallest first")
    await expect(page.locator(".card").first).to_contain_text("high")
    assert "sort=-height" in page.url


async def test_a_page_that_is_not_known_leads_to_the_first(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery, "/?after=nonsense")
    await page.get_by_role("link", name="Go to the first page").click()
    await expect(page.locator(".card")).to_have_count(PAGE_SIZE)


async def test_the_way_back_keeps_filter_and_place(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery, "/?q=small&sort=name", width=600, height=500)
    target = card(page, "small 40")
    await target.scroll_into_view_if_needed()
    before = await page.evaluate("scrollY")
    assert before > 0
    await open_image(page, "small 40.png")
    assert await page.evaluate("scrollY") == 0
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("heading", level=1, name="small 41.png")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".card")).to_have_count(PAGE_SIZE)
    assert abs(await page.evaluate("scrollY") - before) < 2
    await expect(card(page, "small 41").get_by_role("link")).to_be_focused()


async def test_prints_hold_their_place_before_they_load(gallery: Server, pages: Pages) -> None:
    """Nothing moves when the pictures arrive."""
    page = await pages.open(gallery, "/?min-width=41")
    await expect(card(page, "wide").locator("img")).to_be_visible()
    shift = await page.evaluate(
        """() => new Promise((resolve) => new PerformanceObserver((list) =>
            resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0)))
            .observe({ type: 'layout-shift', buffered: true }) || setTimeout(() => resolve(0), 300))"""
    )
    assert shift < 0.1


async def test_no_width_needs_sideways_scrolling(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery)
    await expect(page.locator(".card")).to_have_count(PAGE_SIZE)
    assert await overflows(page) == []
    await page.get_by_label("Images").get_by_text("Filters", exact=True).click()
    assert await overflows(page) == []
    await open_image(page, "wide.png")
    assert await overflows(page) == []


async def test_going_back_undoes_a_choice_also_in_its_field(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery)
    await page.get_by_label("Order").select_option("Tallest first")
    await expect(page.locator(".card").first).to_contain_text("high")
    await page.go_back()
    await expect(page.get_by_label("Order")).to_have_value("-uploaded")
    await expect(page.locator(".card").first).not_to_contain_text("small")


async def test_leaving_while_typing_does_not_lead_back(gallery: Server, pages: Pages) -> None:
    page = await pages.open(gallery)
    # In one breath: a slow machine would have searched before it clicks.
    await (
        card(page, "high")
        .get_by_role("link")
        .evaluate(
            """link => {
            const search = document.querySelector('input[type=search]');
            search.value = 'wi';
            search.dispatchEvent(new Event('input', { bubbles: true }));
            link.click();
        }"""
        )
    )
    await page.wait_for_timeout(400)
    await expect(page.get_by_role("heading", level=1, name="high.png")).to_be_visible()
