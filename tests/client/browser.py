"""The browser that the client is tested in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from tests.browser import NoBrowserError, find_browser

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


async def launch(playwright: Playwright) -> Browser:
    """Fails with one line that says what to install."""
    try:
        path = await asyncio.to_thread(find_browser)
    except NoBrowserError as problem:
        pytest.fail(str(problem), pytrace=False)
    return await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
