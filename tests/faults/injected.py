"""A program whose disk fails: at its first operation of a kind, then at its second, and so on to its last.

    python -m tests.faults.injected FOLDER KIND ERROR LENGTH FIRST STEP

Each time a gallery is opened, used, closed and opened again, while so many operations in a row fail
with this error. Whatever is refused then has to be absent, also for whoever opens the folder as a
kill would leave it, and is done when it is asked for once more.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, TypeVar

from domain.commands import ChangeImage, DeleteImage, DescribeImage
from domain.errors import StorageFull
from domain.operations.catalogue import operations
from infrastructure import renderings
from infrastructure.sqlite import upkeep
from infrastructure.sqlite.lock import DataFolderUnusable
from infrastructure.verification import verify
from tests.faults import shim
from tests.faults.gallery import Gallery, Shown, open_gallery, original, sha256
from tests.faults.promises import shown

T = TypeVar("T")

FIRST: Final = original(1)
SECOND: Final = original(2)
REFUSALS: Final = (StorageFull, DataFolderUnusable, OSError, sqlite3.Error)


class Run:
    """One gallery, and what was promised of it so far."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self._promised: list[Shown] = []
        self._gallery: Gallery
        self.refused: list[str] = []

    async def through(self) -> None:
        await self._open()
        image = Shown(sha256(FIRST), "one")
        image_id = await self._asked(lambda: self._gallery.upload(FIRST, "one"), [image])
        await self._gallery.settled()
        changes: list[ChangeImage] = [
            DescribeImage(image_id=image_id, description="the first one"),
            DescribeImage(image_id=image_id, tags=("a", "b")),
            DeleteImage(image_id=image_id),
        ]
        for change in changes:
            image = image.after(change)
            await self._asked(partial(self._gallery.change, change), [image])
        await self._stack.aclose()
        await self._open()
        await self._asked(lambda: self._gallery.upload(SECOND, "two"), [Shown(sha256(SECOND), "two"), image])
        await self._gallery.settled()
        shim.disarm()
        await self._check()
        await self._stack.aclose()
        await self._check_folder(self._folder)

    async def _open(self) -> None:
        """A start that fails leaves the folder so that the next one succeeds."""
        try:
            self._gallery = await self._stack.enter_async_context(open_gallery(self._folder))
        except REFUSALS as error:
            await self._refused(error, self._promised)
            self._gallery = await self._stack.enter_async_context(open_gallery(self._folder))
        await self._check()

    async def _asked(self, ask: Callable[[], Awaitable[T]], then: list[Shown]) -> T:
        """The answer, be it to the second time of asking."""
        try:
            answer = await ask()
        except REFUSALS as error:
            await self._refused(error, then)
            await self._check()
            answer = await ask()
        self._promised = then
        await self._check()
        return answer

    async def _refused(self, error: Exception, then: list[Shown]) -> None:
        """What was not done is absent. Only what was not answered by a refusal may be there after a kill."""
        operation = shim.failed_last()
        self.refused.append(f"{type(error).__name__} at {operation}")
        copy = self._folder.parent.parent / "copy"
        with shim.frozen():
            if self._folder.exists():
                shutil.copytree(self._folder, copy / "data")
        shim.disarm()
        assert not self._staged() or operation == "unlink", self._staged()
        unknown = [then] if isinstance(error, sqlite3.Error) else []
        await self._check_folder(copy / "data", *unknown)
        shutil.rmtree(copy)

    def _staged(self) -> list[Path]:
        staging = self._folder / "staging"
        return list(staging.iterdir()) if staging.exists() else []

    async def _check(self) -> None:
        """Here and now."""
        while self._gallery.store.writer.projection_error is not None:
            await asyncio.sleep(0.001)
        found = [Shown.of(image) for image in await self._gallery.shown()]
        assert found == self._promised, (found, self._promised)

    async def _check_folder(self, folder: Path, *unknown: list[Shown]) -> None:
        """For whoever opens it."""
        found = await shown(folder)
        assert found in (self._promised, *unknown), (found, self._promised)
        assert list(verify(folder)) == []
        assert list((folder / "staging").iterdir()) == []


def main(root: Path, kind: str, error: int, length: int, begin: int, step: int) -> None:
    logging.disable()
    operations()
    renderings.BACKOFF_SECONDS = 0.0  # type: ignore[misc]
    upkeep.RETRY_SECONDS = 0.001  # type: ignore[misc]
    StorageFull.retry_after = 0
    failed, refused = Counter[str](), Counter[str]()
    for first in count(begin, step):
        run = Run(root / str(first))
        shim.arm(kind, first, first + length, error)
        try:
            asyncio.run(run.through())
        except BaseException as wrong:
            wrong.add_note(f"{errno.errorcode[error]} at operation {first}, a {shim.failed_last()}")
            raise
        shutil.rmtree(root / str(first))
        if not shim.failed():
            break
        failed[shim.failed_last()] += 1
        refused.update(run.refused)
    print(f"{failed.total()} operations failed: {dict(failed)}; refused: {dict(refused)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
