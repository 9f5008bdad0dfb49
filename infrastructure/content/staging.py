"""The bytes of one upload as they arrive: gathered on the loop, hashed and written in a thread."""

import hashlib
from typing import Final

from domain.ports.content import Staged
from infrastructure.content.staged_file import StagedFile
from infrastructure.content.threads import Threads

CROSSING: Final = 1024 * 1024
"""Bytes of one upload that are worth a hop to a thread: most photographs cross once, in `finish`."""


class Allowance:
    """Bytes that all stagings of a store may gather in memory together, however many there are."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._gathered = 0

    @property
    def exceeded(self) -> bool:
        return self._gathered > self._limit

    def take(self, size: int) -> None:
        self._gathered += size

    def give_back(self, size: int) -> None:
        self._gathered -= size


class FileStaging:
    """A `domain.ports.content.Staging` that ends in a file.

    Closed by `finish`, and by a write that failed: what reached the file then is not what was
    hashed. A closed one raises ValueError, as a closed file does.
    """

    def __init__(self, token: str, file: StagedFile, threads: Threads, allowance: Allowance) -> None:
        self._token = token
        self._file = file
        self._threads = threads
        self._allowance = allowance
        self._gathered = bytearray()
        self._hash = hashlib.sha256()
        self._size = 0
        self._closed = False

    async def write(self, chunk: bytes | memoryview) -> None:
        """Raises StorageFull."""
        self._check_open()
        self._gathered += chunk
        self._allowance.take(len(chunk))
        if len(self._gathered) >= CROSSING or self._allowance.exceeded:
            await self._cross()
            self._closed = False

    async def finish(self) -> Staged:
        """Raises StorageFull."""
        self._check_open()
        await self._cross()
        return Staged(self._token, self._hash.hexdigest(), self._size)

    def close(self) -> None:
        """Take no more, and let go of what was gathered."""
        self._closed = True
        self._gather_anew()

    async def _cross(self) -> None:
        """Closed while it is under way, and for good unless it succeeds."""
        self._closed = True
        await self._threads.run(self._absorb, self._gather_anew())

    def _gather_anew(self) -> bytearray:
        gathered, self._gathered = self._gathered, bytearray()
        self._allowance.give_back(len(gathered))
        return gathered

    def _absorb(self, content: bytearray) -> None:
        self._file.append(content)
        self._hash.update(content)
        self._size += len(content)

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("This staging takes no more bytes.")
