"""What a subscription tells, before it becomes a result that is sent."""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Hashable,
    Sequence,
)
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Generic, NamedTuple, Protocol, TypeVar


class Told(Protocol):
    """What is told: a value that fields are resolved on, and the cursor that goes on from behind it."""

    @property
    def cursor(self) -> str: ...


T = TypeVar("T", bound=Told)


class Entry(NamedTuple, Generic[T]):
    """One thing to tell. `make` is called for the first of all who are told it, and only there.

    It may turn out that there is nothing to tell: None.
    """

    key: Hashable
    make: Callable[[], T | Awaitable[T | None]]


@dataclass(frozen=True, slots=True)
class Feed(AsyncIterable[T]):
    """The source of a subscription that many may have in common.

    Entries of one key are the same for all of one audience who ask the same by the same document.
    `batches` is called once: what is told, with as much at once as is there.
    """

    audience: Hashable
    batches: Callable[[], AsyncGenerator[Sequence[Entry[T]], None]]

    async def __aiter__(self) -> AsyncIterator[T]:
        """One after the other, as graphql-core would have it."""
        async with aclosing(self.batches()) as batches:
            async for entries in batches:
                for entry in entries:
                    made = entry.make()
                    value = await made if isawaitable(made) else made
                    if value is not None:
                        yield value
