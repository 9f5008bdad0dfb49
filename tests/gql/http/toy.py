"""A small schema and a content store in memory, for tests of the transport."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO

import httpx
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from domain.errors import InvalidInput, NotFound, Refusal, StorageFull, UnknownName
from domain.header import ImageHeader, MediaType
from domain.ports.content import Hold, Staged
from gql.http.execution import ContextFactory, Execution
from gql.http.graphql import GraphQLEndpoint
from gql.http.websocket import GraphQLSockets
from gql.limits import Limits
from gql.upload import UploadedFile, upload_scalar

# -- a content store


@dataclass
class MemoryStaging:
    """Hashes what it is given; holds nothing, so that memory can be measured."""

    store: MemoryStore
    token: str
    writes: list[int] = field(default_factory=list)
    hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    async def write(self, chunk: bytes | memoryview) -> None:
        if self.store.full:
            raise StorageFull("The disk is nearly full.")
        self.writes.append(len(chunk))
        self.hash.update(chunk)
        await asyncio.sleep(0)

    async def finish(self) -> Staged:
        return Staged(self.token, self.hash.hexdigest(), sum(self.writes))


@dataclass
class MemoryStore:
    """`open_stagings` is empty whenever nothing is being received: nothing may be left behind."""

    stagings: list[MemoryStaging] = field(default_factory=list)
    open_stagings: set[str] = field(default_factory=set)
    full: bool = False

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[MemoryStaging]:
        staging = MemoryStaging(self, f"staged-{len(self.stagings)}")
        self.stagings.append(staging)
        self.open_stagings.add(staging.token)
        try:
            yield staging
        finally:
            self.open_stagings.discard(staging.token)

    async def keep(self, staged: Staged) -> ImageHeader:
        assert staged.token in self.open_stagings
        return ImageHeader(MediaType.PNG, 1, 1)

    def hold(self) -> AbstractContextManager[Hold]:
        raise NotImplementedError

    async def remove(self, sha256: str, referred: Callable[[], Awaitable[bool]]) -> bool:
        raise NotImplementedError

    def open(self, sha256: str) -> BinaryIO:
        return io.BytesIO()


# -- a schema


@dataclass
class Toy:
    """What the resolvers see and leave behind."""

    connection: HTTPConnection
    store: MemoryStore
    produced: list[int]
    closed: list[str]


Ask = Info[Toy, None]


@strawberry.enum
class Colour(Enum):
    RED = "red"
    GREEN = "green"


@strawberry.type
class Pet:
    name: str

    @strawberry.field
    async def friend(self) -> Pet:
        return Pet(name="friend of " + self.name)

    @strawberry.field
    def friends(self, first: int | None = None, last: int | None = None) -> list[Pet]:
        return [Pet(name=str(number)) for number in range(first or last or 1)]

    @strawberry.field
    def some(self, first: int = 10) -> list[Pet]:
        return [Pet(name=str(number)) for number in range(first)]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return "hello " + name

    @strawberry.field
    async def pet(self) -> Pet:
        return Pet(name="Rex")

    @strawberry.field
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field
    def paint(self, colour: Colour) -> Colour:
        return colour

    @strawberry.field
    def refused(self) -> str | None:
        raise UnknownName("operation", "blurr", ["blur", "crop"], field="recipe.steps")

    @strawberry.field
    def strictly_refused(self) -> str:
        raise NotFound("There is no such image.")

    @strawberry.field
    def full(self) -> str | None:
        raise StorageFull("The disk is nearly full.")

    @strawberry.field
    async def broken(self) -> str | None:
        raise ZeroDivisionError("the secret is 42")

    @strawberry.field
    async def timing_out(self) -> str | None:
        raise TimeoutError

    @strawberry.field
    async def sleeping(self, ask: Ask, seconds: float = 3600) -> str:
        try:
            await asyncio.sleep(seconds)
        finally:
            ask.context.closed.append("sleeping")
        return "awake"

    @strawberry.field
    def connection_init(self, ask: Ask) -> JSON:
        return JSON(ask.context.connection.state.connection_init)


@strawberry.input
class Attachment:
    caption: str = ""
    file: UploadedFile | None = None


@strawberry.type
class Received:
    filename: str
    media_type: str
    size: int
    sha256: str


def _received(file: UploadedFile, ask: Ask) -> Received:
    assert file.staged.token in ask.context.store.open_stagings
    return Received(
        filename=file.filename,
        media_type=file.media_type_claimed,
        size=file.staged.byte_size,
        sha256=file.staged.sha256,
    )


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def upload(self, ask: Ask, file: UploadedFile) -> Received:
        return _received(file, ask)

    @strawberry.mutation
    def upload_many(self, ask: Ask, files: list[UploadedFile]) -> list[Received]:
        return [_received(file, ask) for file in files]

    @strawberry.mutation
    def attach(self, ask: Ask, input: Attachment) -> list[Received]:  # noqa: A002
        return [_received(input.file, ask)] if input.file else []

    @strawberry.mutation
    def fail(self, file: UploadedFile | None = None) -> str:
        raise ZeroDivisionError

    @strawberry.mutation
    def increment(self, by: int = 1) -> int:
        return by


def _refuse() -> int:
    raise InvalidInput("There is nothing to count.")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, ask: Ask, to: int = 3, size: int = 0) -> AsyncIterator[str]:
        try:
            for number in range(to):
                ask.context.produced.append(number)
                yield str(number) + "x" * size
                await asyncio.sleep(0)
        finally:
            await asyncio.sleep(0)
            ask.context.closed.append("count")

    @strawberry.subscription
    async def silence(self, ask: Ask) -> AsyncIterator[int]:
        try:
            yield 0
            await asyncio.sleep(3600)
        finally:
            ask.context.closed.append("silence")

    @strawberry.subscription
    async def breaking(self) -> AsyncIterator[int]:
        yield 1
        raise ZeroDivisionError("the secret is 42")

    @strawberry.subscription
    async def refusing(self) -> AsyncIterator[int]:
        yield 1
        raise InvalidInput("The cursor is of another store.", field="after")

    @strawberry.subscription
    async def refused(self, ask: Ask) -> AsyncIterator[int]:
        yield 1 if ask.context.closed else _refuse()

    @strawberry.subscription
    def never(self) -> AsyncIterator[int]:
        raise InvalidInput("There is nothing to count.")

    @strawberry.subscription
    async def pets(self) -> AsyncIterator[Pet]:
        yield Pet(name="Rex")


SCHEMA = strawberry.Schema(
    Query, Mutation, Subscription, config=StrawberryConfig(scalar_map={UploadedFile: upload_scalar()})
)


# -- an application


class Bench:
    """The transport around the toy schema, with everything that tests look at."""

    def __init__(self, limits: Limits | None = None, refusal: Exception | None = None) -> None:
        self.limits = limits or Limits()
        self.refusal = refusal
        self.store = MemoryStore()
        self.produced: list[int] = []
        self.closed: list[str] = []
        self.execution = Execution(SCHEMA, self.limits)
        context: ContextFactory = self._context
        self.endpoint = GraphQLEndpoint(
            execution=self.execution, context_factory=context, store=self.store, limits=self.limits
        )
        self.sockets = GraphQLSockets(execution=self.execution, context_factory=context, limits=self.limits)
        self.app = Starlette(
            routes=[Route("/graphql", self.endpoint), WebSocketRoute("/graphql", self.sockets)]
        )

    async def _context(self, connection: HTTPConnection) -> Toy:
        if self.refusal is not None:
            raise self.refusal
        return Toy(connection, self.store, self.produced, self.closed)

    def client(self) -> httpx.AsyncClient:
        """In the same process, without a socket."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://toy")

    async def post(self, json: object, **headers: str) -> httpx.Response:
        async with self.client() as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post("/graphql", json=json, headers=named)

    @asynccontextmanager
    async def serve(self, *, tell_sockets: bool = True) -> AsyncIterator[int]:
        """A real server on the loopback interface; yields its port."""
        config = uvicorn.Config(self.app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        try:
            yield server.servers[0].sockets[0].getsockname()[1]
        finally:
            if tell_sockets:
                self.endpoint.streams.close()
                await self.sockets.close(within=5)
            server.should_exit = True
            await asyncio.wait_for(task, 10)


class Refused(Refusal):
    """A refusal of no particular kind."""


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that happens in another task."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


GRAPHQL = "application/graphql-response+json"

Asgi = Callable[[dict[str, object]], Awaitable[None]]
