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
from typing import Generic, Protocol, TypeAlias, TypeVar


class Told(Protocol):
    """What is told: a value that fields are resolved on, and the cursor that goes on from behind it."""

    @property
    def cursor(self) -> str: ...


S = TypeVar("S")
T = TypeVar("T", bound=Told)

Entry: TypeAlias = tuple[Hashable, S]
"""A key, and the subject that is told of. Plain, because there is one for each event and subscriber."""


@dataclass(frozen=True, slots=True)
class Feed(AsyncIterable[T], Generic[S, T]):
    """The source of a subscription that many may have in common.

    Entries of one key are the same for all of one audience who ask the same by the same document, so
    `make` is called once for all of them; it may turn out that there is nothing to tell. `batches` is
    called once for each subscriber: what is told, with as much at once as is there.
    """

    audience: Hashable
    batches: Callable[[], AsyncGenerator[Sequence[Entry[S]], None]]
    make: Callable[[S], T | Awaitable[T | None]]

    async def __aiter__(self) -> AsyncIterator[T]:
        """One after the other, as graphql-core would have it."""
        async with aclosing(self.batches()) as batches:
            async for entries in batches:
                for _, subject in entries:
                    made = self.make(subject)
                    value = await made if isawaitable(made) else made
                    if value is not None:
                        yield value
