"""One image: what is known, what can be downloaded, changed, deleted and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.client.pages import Pages, card, open_image, upload_and_wait
from tests.client.pictures import photo, png

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def opened(pages: Pages, server: Server, name: str, width: int = 120, height: int = 80) -> Page:
    page = await pages.open(server)
    await upload_and_wait(page, png(name, width, height))
    await open_image(page, name)
    return page


async def test_everything_known_is_shown(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "known.png", 640, 480)
    facts = page.locator(".facts")
    for text in ("640 \N{MULTIPLICATION SIGN} 480", "PNG", "SHA-256", "Version"):
        await expect(facts).to_contain_text(text)
    await expect(facts.get_by_text("Taken")).to_have_count(0)
    await expect(facts.get_by_text("Camera")).to_have_count(0)
    await expect(page.locator(".stage img")).to_be_visible()
    await expect(page.locator(".renditions li[data-state=READY]")).to_have_count(2)


@pytest.mark.parametrize("offset", ["", "-11:00"])
async def test_a_photo_says_when_and_with_what_it_was_taken(
    darkroom: Server, pages: Pages, offset: str
) -> None:
    """By the camera's own clock, wherever it was; a drawing says nothing of the kind."""
    image_id = (await darkroom.upload(photo("taken.jpg", offset)["buffer"], "taken.jpg"))["image"]["id"]
    page = await pages.open(darkroom, f"/images/{image_id}")
    facts = page.locator(".facts > div")
    await expect(facts.filter(has_text="Taken").locator("time")).to_have_attribute(
        "datetime", "2024-02-28T23:30:15"
    )
    await expect(facts.filter(has_text="Taken")).to_contain_text("Feb 28, 2024")
    await expect(facts.filter(has_text="Camera")).to_have_text("CameraCanon EOS R5, RF 50mm")


async def test_an_address_of_an_image_opens_it(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "linked.png")
    await page.reload()
    await expect(page.get_by_role("heading", level=1, name="linked.png")).to_be_visible()
    await expect(page).to_have_title("linked.png \N{EN DASH} Darkroom")


async def test_original_and_renditions_are_downloaded(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "download me.png")
    async with page.expect_download() as original:
        await page.get_by_role("link", name="Download original").click()
    assert (await original.value).suggested_filename == "download me.png"
    async with page.expect_download() as rendition:
        await page.get_by_role("link", name="Download Grayscale 300").click()
    content = (await (await rendition.value).path()).read_bytes()
    assert content.startswith(b"\x89PNG")


async def test_name_description_and_tags_are_edited(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "before.png")
    await page.keyboard.press("e")
    dialog = page.get_by_role("dialog", name="Edit image")
    await dialog.get_by_label("Name").fill("after.png")
    await dialog.get_by_label("Description").fill("Two\nlines")
    await dialog.get_by_label("Tags").fill("harbour, dusk")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("heading", level=1, name="after.png")).to_be_visible()
    await expect(page.get_by_role("button", name="Edit")).to_be_focused()
    await page.get_by_role("link", name="#harbour").click()
    await expect(card(page, "after")).to_be_visible()
    assert "tags=harbour" in page.url


async def test_a_refused_change_keeps_what_was_typed(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "too long.png")
    await page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("x" * 300)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("255")
    await expect(dialog.get_by_label("Name")).to_have_value("x" * 300)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", level=1, name="too long.png")).to_be_visible()


async def test_a_change_made_meanwhile_is_not_overwritten_unseen(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "contended.png")
    other = await pages.open(darkroom, page.url.removeprefix(darkroom.url))
    await page.get_by_role("button", name="Edit").click()
    await other.get_by_role("button", name="Edit").click()
    for each, name in ((other, "theirs.png"), (page, "ours.png")):
        await each.get_by_role("dialog").get_by_label("Name").fill(name)
        await each.get_by_role("dialog").get_by_role("button", name="Save").click()
        if each is other:
            await expect(page.locator("h1")).to_have_text("theirs.png")
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_role("button", name="Save anyway").click()
    await expect(other.locator("h1")).to_have_text("ours.png")


async def test_a_deletion_is_undone_from_the_notice(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "deleted by mistake.png")
    await page.get_by_role("button", name="Delete").click()
    await expect(page).to_have_url(darkroom.url + "/")
    await expect(card(page, "deleted by mistake")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(card(page, "deleted by mistake").locator("img")).to_be_visible()


async def test_what_was_deleted_is_listed_and_restored(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "in the bin.png")
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("link", name="Deleted", exact=True).click()
    await open_image(page, "in the bin.png")
    await expect(page.get_by_text("This image is deleted.")).to_be_visible()
    await page.get_by_role("button", name="Restore").click()
    await expect(page.get_by_role("button", name="Delete")).to_be_visible()
    await page.get_by_role("link", name="Images", exact=True).click()
    await expect(card(page, "in the bin")).to_be_visible()


async def test_an_image_that_never_was_is_said_to_be_missing(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom, "/images/nonsense")
    await expect(page.get_by_role("heading", name="There is no such image")).to_be_visible()
    await expect(page.locator(".status")).to_contain_text("Live")
    await page.get_by_role("link", name="Go to the gallery").click()
    await expect(page.locator("h1")).to_have_text("Images")


async def test_shortcuts_are_listed_and_letters_can_be_switched_off(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom)
    await expect(page.locator("h1")).to_be_visible()
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    await dialog.get_by_role("checkbox").uncheck()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.keyboard.press("?")
    await page.wait_for_timeout(100)
    await expect(dialog).to_have_count(0)


async def test_a_rendition_that_failed_says_why(darkroom: Server, pages: Pages) -> None:
    page = await opened(pages, darkroom, "half broken.png")

    async def break_grayscale(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        image = body["data"].get("image", {})
        for rendition in image.get("renditions", ()):
            if rendition["preset"] == "grayscale-300":
                failure = {"code": "DAMAGED_FILE", "message": "Its lower half is missing."}
                rendition.update(state="FAILED", url=None, failure=failure)
        await route.fulfill(response=answer, json=body)

    await page.route("**/graphql", break_grayscale)
    await page.reload()
    failed = page.locator(".renditions li[data-state=FAILED]")
    await expect(failed).to_contain_text("Its lower half is missing.")
    await expect(failed.get_by_role("link")).to_have_count(0)
    await expect(page.locator(".stage img")).to_be_visible()
