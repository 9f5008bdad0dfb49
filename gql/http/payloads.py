"""Results of subscriptions as they are sent, each made once for all who ask the same."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeAlias
from weakref import WeakValueDictionary

from gql.feed import Entry
from gql.limits import MIB

AT_ONCE: Final = 32
"""Results of one subscriber that are made at the same time."""
WRITE_BYTES: Final = 64 * 1024
"""About what is handed to a socket at once."""
KEPT_BYTES: Final = 16 * MIB
_OVERHEAD_BYTES: Final = 512
"""What a payload takes in memory beside its JSON."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A GraphQL response as JSON, and the cursor that goes on from behind it, where it has one.

    `failed`: some of it could not be told, which may be another time.
    """

    json: bytes
    cursor: str | None
    failed: bool = False


NOTHING: Final = Payload(b"", None)
Render: TypeAlias = Callable[[Any], Payload | Coroutine[None, None, Payload]]


class Payloads:
    """What was made lately, and what is being made. Lives on the event loop."""

    def __init__(self) -> None:
        self._alike: WeakValueDictionary[Hashable, AlikePayloads] = WeakValueDictionary()
        self._numbers = count()
        self._kept: OrderedDict[tuple[int, Hashable], Payload] = OrderedDict()
        self._bytes = 0

    def alike(self, likeness: Hashable, render: Render) -> AlikePayloads:
        """Those of all subscriptions of one likeness; the first one renders for all of them."""
        found = self._alike.get(likeness)
        if found is None:
            found = self._alike[likeness] = AlikePayloads(self, next(self._numbers), likeness, render)
        return found

    def get(self, number: int, key: Hashable) -> Payload | None:
        return self._kept.get((number, key))

    def keep(self, number: int, key: Hashable, payload: Payload) -> None:
        self._kept[number, key] = payload
        self._bytes += len(payload.json) + _OVERHEAD_BYTES
        while self._bytes > KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.json) + _OVERHEAD_BYTES


class AlikePayloads:
    """The payloads of subscriptions that ask the same on behalf of the same."""

    def __init__(self, payloads: Payloads, number: int, likeness: Hashable, render: Render) -> None:
        self.likeness = likeness  # holds what is told apart by its identity
        self._payloads = payloads
        self._number = number
        self._render = render
        self._making: dict[Hashable, asyncio.Task[Payload]] = {}

    async def of(self, entries: Sequence[Entry[Any]]) -> AsyncGenerator[list[Payload], None]:
        """In order, in pieces that may be written at once."""
        for start in range(0, len(entries), AT_ONCE):
            piece, size = [], 0
            for payload in await self._made(entries[start : start + AT_ONCE]):
                piece.append(payload)
                size += len(payload.json)
                if size >= WRITE_BYTES:
                    yield piece
                    piece, size = [], 0
            if piece:
                yield piece
            if start + AT_ONCE < len(entries):
                await asyncio.sleep(0)  # however fast it goes, it is the turn of others

    async def _made(self, entries: Sequence[Entry[Any]]) -> list[Payload]:
        get, number = self._payloads.get, self._number
        begun = [get(number, key) or self._begin(key, subject) for key, subject in entries]
        made = [each if isinstance(each, Payload) else await asyncio.shield(each) for each in begun]
        return [payload for payload in made if payload is not NOTHING]

    def _begin(self, key: Hashable, subject: object) -> Payload | asyncio.Task[Payload]:
        """Join who is making this payload, who may go away without harm to the others."""
        task = self._making.get(key)
        if task is not None:
            return task
        made = self._render(subject)
        if isinstance(made, Payload):
            return self._kept(key, made)
        task = self._making[key] = asyncio.create_task(made)
        task.add_done_callback(lambda done: self._end(key, done))
        return task

    def _end(self, key: Hashable, done: asyncio.Task[Payload]) -> None:
        del self._making[key]
        if not done.cancelled() and done.exception() is None:
            self._kept(key, done.result())

    def _kept(self, key: Hashable, payload: Payload) -> Payload:
        if not payload.failed:
            self._payloads.keep(self._number, key, payload)
        return payload
