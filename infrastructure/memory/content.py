"""The content store in memory: for tests, and as the plain statement of what a store does."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from io import BytesIO
from typing import BinaryIO

from domain.errors import NotFound, StorageFull
from domain.header import ImageHeader
from domain.ports.content import Hold, Staged, Staging
from infrastructure.content.digest import checked_digest, unknown_content
from infrastructure.content.holds import Holder, Holds


class MemoryContentStore:
    """A `domain.ports.content.ContentStore`. `capacity` is in bytes, staged and kept together."""

    def __init__(self, inspect: Callable[[bytes], ImageHeader], *, capacity: int | None = None) -> None:
        self._inspect = inspect
        self._capacity = capacity
        self._staged: dict[str, bytearray] = {}
        self._kept: dict[str, bytes] = {}
        self._holds = Holds()
        self._holders: dict[str, Holder] = {}

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Staging]:
        staging = _MemoryStaging(secrets.token_hex(16), self._admit)
        self._staged[staging.token] = staging.content
        self._holders[staging.token] = Holder(self._holds)
        try:
            yield staging
        finally:
            staging.closed = True
            self._staged.pop(staging.token)
            self._holders.pop(staging.token).end()

    async def keep(self, staged: Staged) -> ImageHeader:
        content = self._bytes(staged)
        header = self._inspect(content)
        self._holders[staged.token].take(staged.sha256)
        self._kept[staged.sha256] = content
        return header

    def hold(self) -> AbstractContextManager[Hold]:
        return self._holds.hold(self._put)

    async def remove(self, sha256: str, referred: Callable[[], Awaitable[bool]]) -> bool:
        if not self._holds.announce(checked_digest(sha256)):
            return False
        try:
            if await referred():
                return True
            with self._holds.removal(sha256) as free:
                if free:
                    self._kept.pop(sha256, None)
                return free
        finally:
            self._holds.spare(sha256)

    def open(self, sha256: str) -> BinaryIO:
        content = self._kept.get(checked_digest(sha256))
        if content is None:
            raise unknown_content()
        return BytesIO(content)

    def _put(self, content: bytes | memoryview, holder: Holder) -> str:
        kept = bytes(content)
        sha256 = hashlib.sha256(kept).hexdigest()
        holder.take(sha256)
        if sha256 not in self._kept:
            self._admit(len(kept))
            self._kept[sha256] = kept
        return sha256

    def _bytes(self, staged: Staged) -> bytes:
        content = self._staged.get(staged.token)
        if content is None:
            raise NotFound("These bytes are not staged any more.")
        return bytes(content)

    def _admit(self, byte_size: int) -> None:
        used = sum(map(len, self._staged.values())) + sum(map(len, self._kept.values()))
        if self._capacity is not None and used + byte_size > self._capacity:
            raise StorageFull("The memory set apart for content is full. Nothing was kept.")


class _MemoryStaging:
    def __init__(self, token: str, admit: Callable[[int], None]) -> None:
        self.token = token
        self.content = bytearray()
        self.closed = False
        self._admit = admit

    async def write(self, chunk: bytes | memoryview) -> None:
        self._check_open()
        self.closed = True
        self._admit(len(chunk))
        self.content += chunk
        self.closed = False

    async def finish(self) -> Staged:
        self._check_open()
        self.closed = True
        return Staged(self.token, hashlib.sha256(self.content).hexdigest(), len(self.content))

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("This staging takes no more bytes.")
