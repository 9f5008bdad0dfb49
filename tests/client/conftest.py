"""A browser, a server and pages that complain about whatever they must not do."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.client.browser import launch
from tests.client.pages import Pages
from tests.server import Server, running_server

if TYPE_CHECKING:
    from playwright.async_api import Browser


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def darkroom(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """One server for all tests of a module, which look for their own images in it."""
    async with running_server(tmp_path_factory.mktemp("darkroom") / "data") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def fresh_darkroom(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server without images, for this test alone; it comes back on the same port."""
    async with running_server(tmp_path_factory.mktemp("fresh") / "data", port=free_port()) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def pages(browser: Browser) -> AsyncIterator[Pages]:
    """Opens pages; in the end none may have asked elsewhere, broken the policy or thrown."""
    pages = Pages(browser)
    yield pages
    await pages.close()
    assert pages.offences == []
