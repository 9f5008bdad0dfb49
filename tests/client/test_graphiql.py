"""GraphiQL works from this server's own files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.client.pages import Pages, upload_and_wait
from tests.client.pictures import png

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def run(page: Page, tab: str) -> None:
    await page.get_by_role("tab", name=tab).click()
    await page.wait_for_timeout(500)  # GraphiQL learns only then which operation its editor holds
    await page.get_by_role("button", name="Execute query").click()


async def test_a_query_and_a_subscription_run(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom, "/graphiql")
    result = page.locator(".result-window")
    await run(page, "Images")
    await expect(result).to_contain_text("totalCount")
    await run(page, "Events")
    await expect(result).to_contain_text("CaughtUp")
    client = await pages.open(darkroom)
    await upload_and_wait(client, png("told to GraphiQL.png"))
    await expect(result).to_contain_text("ImageExamined")
    await run(page, "HowToUpload")
    await expect(result).to_contain_text("thumbnail")


async def test_the_documentation_and_the_dialogs_open(darkroom: Server, pages: Pages) -> None:
    page = await pages.open(darkroom, "/graphiql")
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Mutation")
    for name in ("Open short keys dialog", "Open settings dialog"):
        await page.get_by_role("button", name=name).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
