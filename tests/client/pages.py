"""Pages under observation, and what a person does with them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        FilePayload,
        JSHandle,
        Locator,
        Page,
    )

    from tests.server import Server

expect.set_options(timeout=5_000)


OFFENSIVE = ("Content Security Policy", "TrustedHTML", "TrustedScript")


class Pages:
    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.offences: list[str] = []

    async def open(
        self,
        server: Server,
        path: str = "/",
        *,
        width: int = 1280,
        height: int = 800,
        scheme: Literal["light", "dark"] = "light",
    ) -> Page:
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        self._contexts.append(context)
        home = urlsplit(server.url).netloc
        context.on("request", lambda request: self._check_address(home, request.url))
        context.on("console", self._check_console)
        context.on("weberror", lambda error: self.offences.append(f"threw {error.error}"))
        page = await context.new_page()
        page.on("websocket", lambda socket: self._check_address(home, socket.url))
        await page.goto(server.url + path)
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()

    def _check_address(self, home: str, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"blob", "data"} and parts.netloc != home:
            self.offences.append(f"asked {url}")

    def _check_console(self, message: ConsoleMessage) -> None:
        if any(words in message.text for words in OFFENSIVE):
            self.offences.append(message.text)


async def upload(page: Page, *files: FilePayload) -> None:
    await page.set_input_files("#picker", files=[*files])


async def upload_and_wait(page: Page, *files: FilePayload) -> None:
    """Until everything is rendered; the tray is empty again."""
    await upload(page, *files)
    await expect(page.locator(".tray li[data-settled]")).to_have_count(len(files), timeout=20_000)
    await page.get_by_role("button", name="Clear finished").click()


def card(page: Page, name: str) -> Locator:
    return page.locator(".card").filter(has_text=name)


async def open_image(page: Page, name: str) -> None:
    await card(page, name).get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


async def data_transfer(page: Page, *files: FilePayload) -> JSHandle:
    """What a drag or a paste carries."""
    contents = [{**file, "buffer": base64.b64encode(file["buffer"]).decode()} for file in files]
    return await page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const { name, mimeType, buffer } of files) {
                const bytes = Uint8Array.from(atob(buffer), (letter) => letter.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type: mimeType }));
            }
            return transfer;
        }""",
        contents,
    )


async def overflows(page: Page) -> list[int]:
    """The widths of a window that the page does not fit into."""
    found = []
    for width in (320, 768, 1440, 2560):
        await page.set_viewport_size({"width": width, "height": 700})
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(width)
    return found
