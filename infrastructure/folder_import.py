"""Pictures of a folder, uploaded one after the other as if by hand.

Done again, also after it was cut off, it adds what is new: the same bytes are the same image.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import anyio

from domain.errors import Busy, Refusal
from domain.ports.content import ContentStore
from domain.requests import Caller
from domain.service import ImageService, Outcome, Upload

AT_ONCE: Final = 4
_CHUNK: Final = 1024 * 1024

Report: TypeAlias = Callable[["Imported"], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file: an image that is new or was there, or why it was refused."""

    path: Path
    outcome: Outcome | None = None
    refusal: str | None = None


def files_below(folder: Path) -> list[Path]:
    """All files, in order, but for hidden ones and what is below hidden folders. Blocks."""
    return sorted(_walk(folder))


async def import_files(
    files: list[Path], images: ImageService, content: ContentStore, caller: Caller, report: Report
) -> Counter[str]:
    """Upload files, several at once; `report` is told of each. Answers how many came to what.

    A file that cannot be read, or is no picture, is reported and left out.
    """
    counts: Counter[str] = Counter()
    waiting = iter(files)

    async def work() -> None:
        for path in waiting:
            imported = await _import(path, images, content, caller)
            counts[imported.outcome or "refused"] += 1
            report(imported)

    async with anyio.create_task_group() as workers:
        for _ in range(AT_ONCE):
            workers.start_soon(work)
    return counts


async def _import(path: Path, images: ImageService, content: ContentStore, caller: Caller) -> Imported:
    while True:
        try:
            async with content.stage() as staging:
                async for chunk in _chunks(path):
                    await staging.write(chunk)
                done = await images.upload(caller, await staging.finish(), Upload(name=path.name), None)
            return Imported(path, outcome=done.outcome)
        except Busy as busy:
            await anyio.sleep(busy.retry_after)
        except Refusal as refusal:
            return Imported(path, refusal=refusal.message)
        except OSError as error:
            return Imported(path, refusal=f"Cannot be read: {error.strerror}.")


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(_CHUNK):
            yield chunk


def _walk(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(path, name) for name in files if not name.startswith("."))
