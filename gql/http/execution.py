"""Operations carried out by graphql-core on a Strawberry schema."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeAlias, TypeGuard, cast

import strawberry
from graphql import ExecutionResult, OperationType
from graphql.execution import (
    Executor,
    create_source_event_stream,
    execute_root_selection_set,
)
from starlette.requests import HTTPConnection
from strawberry.execution import optimized_is_awaitable

from gql.errors import DocumentError, RequestError, execution_error
from gql.http.answer import Result, encode, response
from gql.http.documents import Documents, Operation
from gql.http.parameters import Parameters
from gql.http.payloads import Payload, Payloads
from gql.http.streaming import payload_stream
from gql.limits import Limits, check_cost, check_values

ContextFactory: TypeAlias = Callable[[HTTPConnection], object | Awaitable[object]]
"""Makes the `info.context` of one operation. A Refusal it raises refuses the request."""

_IS_AWAITABLE = cast("Callable[[object], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that has passed every check that does not need its files."""

    operation: Operation
    parameters: Parameters
    cost: int

    @property
    def kind(self) -> OperationType:
        return self.operation.measured.operation.operation


async def make_context(factory: ContextFactory, connection: HTTPConnection) -> object:
    """Raises what the factory raises."""
    context = factory(connection)
    return await context if isawaitable(context) else context


class Execution:
    """Everything between the parameters of a request and its result; no HTTP, no WebSocket."""

    def __init__(self, schema: strawberry.Schema, limits: Limits) -> None:
        self._schema = schema._schema  # noqa: SLF001 - strawberry has no other way to the schema
        self._executor_class: type[Executor[Any]] = schema.execution_context_class
        self._documents = Documents(schema, limits)
        self._limits = limits
        self._payloads = Payloads()

    def prepare(self, parameters: Parameters) -> Prepared:
        """Raises DocumentError."""
        variables = parameters.variables or {}
        operation = self._documents.operation(parameters.query, parameters.operationName or None)
        cost = operation.cost(variables)
        check_cost(cost, self._limits)
        check_values(variables, cost, operation.measured.root_fields, self._limits)
        return Prepared(operation, parameters, cost)

    async def run(self, prepared: Prepared, context: object) -> Result:
        """Carry out a query or a mutation. Raises RequestError when nothing can be told of its data."""
        result = execute_root_selection_set(self._executor(prepared, context))
        if isawaitable(result):
            result = await self._in_time(result)
        return response(result, prepared.cost)

    async def _in_time(self, pending: Awaitable[ExecutionResult]) -> ExecutionResult:
        try:
            async with asyncio.timeout(self._limits.operation_seconds) as clock:
                return await pending
        except TimeoutError:
            if not clock.expired():
                raise
        message = f"The operation took longer than {self._limits.operation_seconds:g} s."
        raise RequestError.because("TIMEOUT", message, status=504)

    async def stream(self, prepared: Prepared, context: object) -> AsyncGenerator[Sequence[Payload], None]:
        """The results of an operation, made when they are asked for; several where several are there.

        A query or a mutation has one.

        Raises DocumentError or RequestError before the first, and later what the source of events
        raises. Closing this closes the source.
        """
        if prepared.kind is not OperationType.SUBSCRIPTION:
            yield [Payload(encode(await self.run(prepared, context)), None)]
            return
        executor = self._executor(prepared, context)
        source = create_source_event_stream(executor)
        if isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            raise RequestError([execution_error(error) for error in source.errors or ()], status=400)
        variables = prepared.parameters.variables or {}
        results = payload_stream(prepared.operation, variables, executor, source, self._payloads)
        del executor, source  # for as long as a subscription lasts, they would be most of what it takes
        async with aclosing(results):
            async for payloads in results:
                yield payloads

    def _executor(self, prepared: Prepared, context: object) -> Executor[Any]:
        parameters = prepared.parameters
        executor = self._executor_class.build(
            self._schema,
            prepared.operation.document,
            context_value=context,
            raw_variable_values=parameters.variables,
            operation_name=prepared.operation.name,
            is_awaitable=_IS_AWAITABLE,
            operation_extensions=parameters.extensions,
        )
        if isinstance(executor, list):
            raise DocumentError.all("BAD_VARIABLES", executor)
        return executor
