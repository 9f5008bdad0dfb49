"""A new read file in place of the one that serves, while that goes on serving."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import AsyncExitStack, ExitStack, closing
from pathlib import Path
from typing import Final

from domain.errors import ShuttingDown
from infrastructure.sqlite import read_files
from infrastructure.sqlite.program import projection_hash
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.readers import Readers
from infrastructure.sqlite.scan import Scan
from infrastructure.sqlite.writer import Writer

HOME: Final = Path(__file__).resolve().parents[2]

log = logging.getLogger("darkroom.log")


class RebuildFailed(Exception):
    """No new read file was made; the one before goes on serving."""


class Rebuilder:
    """Folds the whole log into a new read file, and has writer and readers go over to it."""

    def __init__(self, folder: Path, writer: Writer, readers: Readers) -> None:
        self._folder = folder.absolute()
        self._writer = writer
        self._readers = readers
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.Task[int] | None = None
        self._tasks: set[asyncio.Task[int]] = set()
        self._child: asyncio.subprocess.Process | None = None
        self._closing = False
        self.error: str | None = None
        """Why the last attempt came to nothing, or None."""

    async def rebuild(self) -> int:
        """A rebuild that begins after this was called, and the position of the log at which it began.

        When it returns, the read model was folded from the first event on, with the keys that there are,
        and the file before is gone from the disk. While one runs, all who ask wait together for the next.
        Raises RebuildFailed, and ShuttingDown.
        """
        return await asyncio.shield(self.start())

    def start(self) -> asyncio.Task[int]:
        """The same in the background; a failure is logged, and said by `error`."""
        if self._next is None:
            self._next = asyncio.create_task(self._run())
            self._tasks.add(self._next)
            self._next.add_done_callback(self._ended)
        return self._next

    async def close(self) -> None:
        """End what runs; the old file stays."""
        self._closing = True
        if self._child is not None:
            self._child.kill()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> int:
        async with self._one_at_a_time:
            self._next = None  # who asks from here on may mean something that this one has not seen
            position, begun = self._writer.end, time.monotonic()
            try:
                await self._replace()
            except Exception as error:
                if self._closing:
                    raise ShuttingDown("The server is shutting down. Ask again in a moment.") from error
                raise error if isinstance(error, RebuildFailed) else RebuildFailed(repr(error)) from error
            log.info("the read file was made anew in %.1f s", time.monotonic() - begun)
            return position

    async def _replace(self) -> None:
        """Until the writer has taken the new file, whatever goes wrong leaves all as it was."""
        new = await asyncio.to_thread(read_files.following, self._folder)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(asyncio.to_thread, read_files.remove, new, read_files.part(new))
            await self._fold(read_files.part(new))
            await asyncio.to_thread(read_files.complete, new)
            projection = await asyncio.to_thread(_open, new)
            undo.push_async_callback(asyncio.to_thread, projection.close)
            readers = await Readers.open(new)
            undo.push_async_callback(readers.close)
            before = await self._writer.replace(projection, lambda: self._readers.exchange(readers))
            undo.pop_all()
        await readers.close()  # by now those of the old file
        await asyncio.to_thread(before.close)
        await asyncio.to_thread(read_files.sweep, new.parent, keep=new)  # what an earlier one left, too

    async def _fold(self, path: Path) -> None:
        """Have a child process fold the log. Raises RebuildFailed."""
        child = await asyncio.create_subprocess_exec(
            *command(path), cwd=HOME, stdin=PIPE, stdout=DEVNULL, stderr=PIPE
        )
        assert child.stderr is not None  # noqa: S101  (it is a pipe)
        self._child = child
        if self._closing:
            child.kill()
        try:
            told = await child.stderr.read()
            exit_code = await child.wait()
        finally:
            self._child = None
            if child.returncode is None:
                child.kill()
        if exit_code:
            raise RebuildFailed(f"the child process {_end(exit_code, told.decode(errors='replace'))}")

    def _ended(self, task: asyncio.Task[int]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        self.error = None if error is None else str(error)
        if error is not None and not self._closing:
            log.error("the read file was not made anew: %s", error)


def command(path: Path) -> list[str]:
    """The child's: the same Python on the same program, which it checks."""
    module = "infrastructure.sqlite.folding"
    return [sys.executable, "-m", module, str(path.parent), str(path), projection_hash()]


def _end(exit_code: int, told: str) -> str:
    """How it came about that there is no file: the last line of a traceback says what was raised."""
    if exit_code < 0:
        return f"was ended by signal {-exit_code}"
    last = told.strip().rpartition("\n")[2] or "it said nothing"
    return f"ended with exit code {exit_code}: {last}"


def _open(path: Path) -> Projection:
    """A whole read file, with what was recorded while it was made, so that little is left to the writer."""
    with closing(Scan(path.parent)) as scan, ExitStack() as stack:
        projection = Projection(path, scan.store_id)
        stack.callback(projection.close)
        for page in scan.pages(projection.position):
            projection.fold(page)
        stack.pop_all()
        return projection
