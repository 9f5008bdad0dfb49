"""Getting pictures in: picked, dropped, pasted, refused, repeated, tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.client.pages import Pages, card, data_transfer, upload, upload_and_wait
from tests.client.pictures import png, text
from tests.client.test_editor import LISTEN

if TYPE_CHECKING:
    from playwright.async_api import Route

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


def is_upload(route: Route) -> bool:
    return "multipart" in route.request.headers.get("content-type", "")


async def test_of_several_files_each_is_told_its_own_outcome(darkroom: Server, pages: Pages) -> None:
    """The renditions complete without a reload, and a refusal is in the server's words."""
    page = await pages.open(darkroom)
    await upload(page, png("picked one.png"), text("notes.txt"), png("picked two.png"))
    tray = page.get_by_role("region", name="Uploads")
    await expect(tray.locator("li[data-settled]")).to_have_count(2, timeout=20_000)
    await expect(tray.locator("li[data-status=refused]")).to_contain_text("notes.txt")
    message = await tray.locator("li[data-status=refused] .detail").inner_text()
    assert len(message) > 10
    await expect(tray).not_to_contain_text("Try notes.txt again")
    for name in ("picked one", "picked two"):
        await expect(card(page, name).locator("img")).to_be_visible()
    await expect(card(page, "notes")).to_have_count(0)


async def test_completion_is_announced(darkroom: Server, pages: Pages) -> None:
    """Other announcements may follow at once: all are written down."""
    page = await pages.open(darkroom)
    await page.evaluate(LISTEN)
    await upload(page, png("announced.png"))
    ready = "text => announced.includes(text)"
    await page.wait_for_function(ready, arg="“announced.png”: Ready.", timeout=20_000)


async def test_files_are_dropped_anywhere(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)
    await expect(page.locator("h1")).to_be_visible()
    transfer = await data_transfer(page, png("dropped.png"))
    await page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    await expect(page.locator(".drop")).to_be_visible()
    await page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    await expect(page.locator(".drop")).to_have_count(0)
    await expect(card(page, "dropped").locator("img")).to_be_visible()


async def test_a_picture_is_pasted(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)
    await expect(page.locator("h1")).to_be_visible()
    await page.evaluate(
        """clipboardData => document.body.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData, bubbles: true }))""",
        await data_transfer(page, png("pasted.png")),
    )
    await expect(card(page, "pasted").locator("img")).to_be_visible()


async def test_a_file_that_is_there_already_is_linked(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)
    picture = png("the first.png")
    await upload_and_wait(page, picture)
    await upload(page, {**picture, "name": "the second.png"})
    row = page.locator("li[data-status=duplicate]")
    await expect(row).to_contain_text("Already here")
    await row.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1, name="the first.png")).to_be_visible()


async def test_a_retry_repeats_the_same_command(darkroom: Server, pages: Pages) -> None:
    """The answer of the first try was lost: were the second a new command, it would be a duplicate."""
    page = await pages.open(darkroom)
    tries: list[Route] = []

    async def lose_the_first_answer(route: Route) -> None:
        if not is_upload(route) or tries:
            return await route.continue_()
        tries.append(route)
        await route.fetch()
        return await route.abort()

    await page.route("**/graphql", lose_the_first_answer)
    await upload(page, png("lost and found.png"))
    await expect(page.locator("li[data-status=failed]")).to_contain_text("Darkroom does not answer")
    await page.get_by_role("button", name="Try lost and found.png again").click()
    await expect(page.locator("li[data-status=stored]")).to_contain_text("Ready", timeout=20_000)
    await expect(card(page, "lost and found")).to_have_count(1)


async def test_no_more_than_three_uploads_run_at_once(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)
    held: list[Route] = []

    async def hold(route: Route) -> None:
        if is_upload(route):
            held.append(route)
        else:
            await route.continue_()

    await page.route("**/graphql", hold)
    await upload(page, *(png(f"queued {number}.png") for number in range(5)))
    await expect(page.locator("li[data-status=waiting]")).to_have_count(2)
    await page.wait_for_timeout(300)
    assert len(held) == 3
    for route in [*held]:
        await route.abort()
    await expect(page.locator("li[data-status=failed]")).to_have_count(3)
    await expect(page.locator("li[data-status=sending], li[data-status=checking]")).to_have_count(2)


async def test_an_upload_is_cancelled(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)

    async def never(route: Route) -> None:
        if not is_upload(route):
            await route.continue_()

    await page.route("**/graphql", never)
    await upload(page, png("unwanted.png"))
    await page.get_by_role("button", name="Cancel unwanted.png").click()
    await expect(page.locator(".tray")).to_have_count(0)


async def test_an_empty_gallery_offers_a_sample(fresh_darkroom: Server, pages: Pages) -> None:
    page = await pages.open(fresh_darkroom)
    await page.get_by_role("button", name="Try it with a sample picture").click()
    await expect(card(page, "Coffee").locator("img")).to_be_visible(timeout=20_000)


async def test_names_of_any_script_and_length_are_shown_as_text(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom, width=320)
    names = ["صورة قطة.png", "猫の写真.png", "<img src=x onerror=alert(1)>.png", f"{'long ' * 40}.png"]
    await upload_and_wait(page, *map(png, names))
    for name in names:
        shown = card(page, name.split(".")[0].strip()).first
        await expect(shown.locator("img")).to_have_count(1)
        await expect(shown.locator("bdi")).to_have_count(1)
