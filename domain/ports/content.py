"""Originals and renditions, by the hash of their bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from domain.header import ImageHeader


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes received and hashed, not yet kept."""

    token: str
    sha256: str
    byte_size: int


class Staging(Protocol):
    """Where the bytes of one file arrive. Leaving its context without `keep` removes them.

    What was kept from it cannot be removed before its context is left: leave it when the event that
    refers to the bytes is recorded.
    """

    async def write(self, chunk: bytes | memoryview) -> None:
        """Take in a chunk of any size: small ones are gathered. Nothing of it is held on to."""
        ...

    async def finish(self) -> Staged: ...


class Hold(Protocol):
    """Bytes put here cannot be removed before its context is left: leave it when the event that refers to
    them is recorded."""

    def put(self, content: bytes | memoryview) -> str:
        """Store bytes durably and answer their hash. Blocks: for pool threads."""
        ...


class ContentStore(Protocol):
    """Bytes under their SHA-256 (64 lower-case hex digits); written once, never changed."""

    def stage(self) -> AbstractAsyncContextManager[Staging]: ...

    async def keep(self, staged: Staged) -> ImageHeader:
        """Pass staged bytes through the gate, and make them durable under their hash.

        They may be there already. Raises UnacceptableFile; nothing is kept then.
        """
        ...

    def hold(self) -> AbstractContextManager[Hold]: ...

    async def remove(self, sha256: str, referred: Callable[[], Awaitable[bool]]) -> bool:
        """Remove bytes for good, unless `referred` says that something refers to them.

        False, and nothing is done, where somebody keeps them at this moment and may be about to refer to
        them: ask again. Who begins to keep them later finds them gone, or saves them.
        """
        ...

    def open(self, sha256: str) -> BinaryIO:
        """The bytes, for reading. Blocks: for pool threads. Raises NotFound."""
        ...
