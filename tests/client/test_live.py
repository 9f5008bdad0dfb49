"""Everything is told the moment it happens, also over a server that dies and comes back."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.client.pages import Pages, card, upload, upload_and_wait
from tests.client.pictures import png

if TYPE_CHECKING:
    from playwright.async_api import Page, WebSocket

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def is_live(page: Page) -> None:
    await expect(page.locator(".status[data-connection=live]")).to_be_visible(timeout=20_000)


async def test_another_page_sees_an_upload_come_and_complete(darkroom: Server, pages: Pages) -> None:
    uploader, watcher = await pages.open(darkroom), await pages.open(darkroom)
    await is_live(watcher)
    await upload(uploader, png("seen by both.png"))
    await expect(card(watcher, "seen by both").locator("img")).to_be_visible(timeout=20_000)
    await uploader.get_by_role("link", name="seen by both.png").first.click()
    await uploader.get_by_role("button", name="Delete").click()
    await expect(card(watcher, "seen by both")).to_have_count(0)


async def test_an_open_image_changes_before_ones_eyes(darkroom: Server, pages: Pages) -> None:
    editor = await pages.open(darkroom)
    await upload_and_wait(editor, png("watched.png"))
    await card(editor, "watched").get_by_role("link").click()
    watcher = await pages.open(darkroom, editor.url.removeprefix(darkroom.url))
    await is_live(watcher)
    await editor.get_by_role("button", name="Edit").click()
    await editor.get_by_label("Description").fill("Written elsewhere")
    await editor.get_by_role("button", name="Save").click()
    await expect(watcher.locator(".description")).to_have_text("Written elsewhere")


async def test_nothing_is_asked_while_nothing_happens(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)
    await is_live(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.wait_for_timeout(1500)
    assert asked == []


async def test_what_runs_is_shown_and_then_over(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)
    await is_live(page)
    await upload(page, *(png(f"busy {number}.png", 900, 700) for number in range(6)))
    await expect(page.locator(".status[data-busy]")).to_be_visible()
    await expect(page.locator(".status:not([data-busy])")).to_be_visible(timeout=20_000)
    await page.locator(".status").click()
    await expect(page.get_by_role("dialog", name="What is running")).to_contain_text(
        "Nothing that this page knows of"
    )


async def test_a_lost_server_is_said_and_its_return_misses_and_repeats_nothing(
    fresh_darkroom: Server, pages: Pages
) -> None:
    page, other = await pages.open(fresh_darkroom), await pages.open(fresh_darkroom)
    await upload_and_wait(page, png("before the fall.png"))
    positions: list[str] = []
    page.on("websocket", lambda socket: _record(socket, positions))
    await fresh_darkroom.kill()
    await expect(page.locator(".banner")).to_contain_text("Connection lost")
    await expect(card(page, "before the fall").locator("img")).to_be_visible()
    await other.close()
    await fresh_darkroom.start()
    third = await pages.open(fresh_darkroom)
    await upload_and_wait(third, png("while away.png"))
    await expect(page.locator(".banner")).to_have_count(0, timeout=20_000)
    await is_live(page)
    await expect(card(page, "while away").locator("img")).to_be_visible()
    await expect(card(page, "before the fall")).to_have_count(1)
    assert len(positions) >= 1 + 2 * 3, "the upload and both renderings were told"
    assert len(positions) == len(set(positions))


def _record(socket: WebSocket, positions: list[str]) -> None:
    def received(payload: str | bytes) -> None:
        text = payload if isinstance(payload, str) else payload.decode()
        if '"imageId"' in text:
            positions.append(text.partition('"cursor":')[2].split('"')[1])

    socket.on("framereceived", received)


async def test_a_page_opened_on_a_dead_server_recovers(fresh_darkroom: Server, pages: Pages) -> None:
    page = await pages.open(fresh_darkroom)
    await is_live(page)
    await fresh_darkroom.kill()
    await expect(page.locator(".banner")).to_be_visible()
    await page.get_by_role("link", name="Deleted", exact=True).click()
    await expect(page.get_by_role("heading", name="The images could not be loaded")).to_be_visible()
    await fresh_darkroom.start()
    await expect(page.get_by_role("heading", name="Nothing is deleted")).to_be_visible(timeout=20_000)


async def test_a_store_that_was_replaced_is_shown_as_it_is(fresh_darkroom: Server, pages: Pages) -> None:
    """The cursor of the old one is refused; nothing of it stays on the page."""
    page = await pages.open(fresh_darkroom)
    await upload_and_wait(page, png("of the old store.png"))
    await fresh_darkroom.kill()
    await asyncio.to_thread(shutil.rmtree, fresh_darkroom.folder)
    await fresh_darkroom.start()
    await expect(page.get_by_role("heading", name="Nothing developed yet")).to_be_visible(timeout=20_000)
    await upload(page, png("of the new store.png"))
    await expect(card(page, "of the new store").locator("img")).to_be_visible(timeout=20_000)
    await is_live(page)
