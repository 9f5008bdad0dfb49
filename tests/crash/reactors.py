"""A process that carries out bulk operations and erasures, and ends when nothing is left to do.

    python -m tests.crash.reactors <data folder>

It says `ready` when it has begun. Pages are small, so that it is killed in the midst of many.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from infrastructure import operations
from infrastructure.erasure import Eraser
from infrastructure.operations import BulkRunner
from tests.infrastructure.archive import no_webhooks, on_files


async def work(folder: Path) -> None:
    async with on_files(folder) as (archive, store):
        runner = BulkRunner(store.log, store.read_model, archive.images, archive.albums, no_webhooks)
        eraser = Eraser(store.log, store.read_model, archive.content, store.rebuild, _nothing_derived)
        async with runner.running(), eraser.running():
            print("ready", flush=True)
            while await store.read_model.running_operations(1) or await store.read_model.pending_erasures(1):
                await asyncio.sleep(0.01)


async def _nothing_derived(_: str) -> None:
    """Of a store that makes no pictures on demand."""


if __name__ == "__main__":
    operations.PAGE = 20  # type: ignore[misc]
    asyncio.run(work(Path(sys.argv[1])))
