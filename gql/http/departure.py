"""Clients that go away before they have their answer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")


async def departure(receive: Receive) -> None:
    """Returns when the client has gone. Takes what is left of its request."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def unless_gone(work: Coroutine[Any, Any, T], receive: Receive) -> T | None:
    """The result of work for a client; None where it goes away first, and the work is cancelled."""
    working = asyncio.create_task(work)
    listening = asyncio.create_task(departure(receive))
    try:
        await asyncio.wait((working, listening), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, listening):
            task.cancel()
        await asyncio.gather(working, listening, return_exceptions=True)
