"""Contexts that must be left by the task that entered them, for fixtures, which are not one task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def in_one_task(context: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave a context in a task of its own."""
    entered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()

    async def hold() -> None:
        async with context as value:
            entered.set_result(value)
            await leave.wait()

    holder = asyncio.create_task(hold())
    await asyncio.wait((entered, holder), return_when=asyncio.FIRST_COMPLETED)
    if holder.done():
        holder.result()
    yield entered.result()
    leave.set()
    await holder
