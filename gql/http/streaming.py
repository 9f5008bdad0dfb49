"""From the source of a subscription to the payloads that are sent."""

from __future__ import annotations

import hashlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Coroutine,
    Hashable,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from typing import Any, Final, TypeAlias

import msgspec
from graphql import ExecutionResult, NamedTypeNode, NonNullTypeNode, OperationDefinitionNode
from graphql.execution import Executor, execute_subscription_event, map_source_to_response_event

from gql.feed import Feed, Told
from gql.http.answer import encode, response
from gql.http.documents import Operation
from gql.http.payloads import NOTHING, AlikePayloads, Payload, Payloads

Stream: TypeAlias = AsyncGenerator[Sequence[Payload], None]

_POSITION_TYPE: Final = "Cursor"
"""Variables of this type say from where on something is told, and so not what."""


def payload_stream(
    operation: Operation,
    variables: Mapping[str, object],
    executor: Executor[Any],
    source: AsyncIterable[Any],
    shared: Payloads,
) -> Stream:
    """What a source tells. That of a feed is shared with all who differ in nothing but where they begin."""
    if not isinstance(source, Feed):
        return _one_by_one(map_source_to_response_event(executor, source))
    likeness = _Likeness(operation, _digest(operation, variables), source.audience)
    return _from_feed(source, shared.alike(likeness, partial(_render, executor, source.make)))


@dataclass(frozen=True, slots=True, eq=False)
class _Likeness:
    """Subscriptions of one operation of one document, with the same variables, for the same audience."""

    operation: Operation
    variables: bytes
    audience: Hashable

    def __hash__(self) -> int:
        return hash((id(self.operation), self.variables, self.audience))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Likeness)
            and self.operation is other.operation
            and (self.variables, self.audience) == (other.variables, other.audience)
        )


def _digest(operation: Operation, variables: Mapping[str, object]) -> bytes:
    """Of all variables that say what is told."""
    names = _telling(operation.measured.operation)
    told = {name: value for name, value in variables.items() if name in names}
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).digest()


def _telling(operation: OperationDefinitionNode) -> set[str]:
    names = set()
    for definition in operation.variable_definitions or ():
        kind = definition.type.type if isinstance(definition.type, NonNullTypeNode) else definition.type
        if not (isinstance(kind, NamedTypeNode) and kind.name.value == _POSITION_TYPE):
            names.add(definition.variable.name.value)
    return names


async def _from_feed(feed: Feed[Any, Any], alike: AlikePayloads) -> Stream:
    async with aclosing(feed.batches()) as batches:
        async for entries in batches:
            async with aclosing(alike.of(entries)) as pieces:
                async for payloads in pieces:
                    yield payloads


async def _one_by_one(results: AsyncGenerator[ExecutionResult, None]) -> Stream:
    async with aclosing(results):
        async for result in results:
            yield [_payload(result, None)]


Make: TypeAlias = Callable[[Any], Told | Awaitable[Told | None]]


def _render(executor: Executor[Any], make: Make, subject: object) -> Payload | Coroutine[None, None, Payload]:
    value = make(subject)
    if isawaitable(value):
        return _render_made(executor, value)
    result = execute_subscription_event(executor.build_per_event_executor(value))
    return _payload(result, value) if isinstance(result, ExecutionResult) else _render_rest(result, value)


async def _render_made(executor: Executor[Any], pending: Awaitable[Told | None]) -> Payload:
    value = await pending
    if value is None:
        return NOTHING
    result = execute_subscription_event(executor.build_per_event_executor(value))
    return _payload(result if isinstance(result, ExecutionResult) else await result, value)


async def _render_rest(pending: Awaitable[ExecutionResult], value: Told) -> Payload:
    return _payload(await pending, value)


def _payload(result: ExecutionResult, value: Told | None) -> Payload:
    cursor = None if value is None else value.cursor
    return Payload(encode(response(result)), cursor, failed=bool(result.errors))
