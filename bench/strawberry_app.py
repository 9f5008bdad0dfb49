"""The peer: a subscription as Strawberry's documentation has it, behind uvicorn. It keeps nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator

import strawberry
import uvicorn
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

waiting: set[asyncio.Queue[ImageRenamed]] = set()


@strawberry.type
class ImageRenamed:
    name: str


@strawberry.type
class Query:
    answer: int = 42


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, name: str) -> bool:
        event = ImageRenamed(name=name)
        for queue in waiting:
            queue.put_nowait(event)
        return True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def events(self) -> AsyncGenerator[ImageRenamed, None]:
        queue: asyncio.Queue[ImageRenamed] = asyncio.Queue()
        waiting.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            waiting.discard(queue)


if __name__ == "__main__":
    schema = strawberry.Schema(Query, Mutation, Subscription)
    app = GraphQL[None, None](schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", loop="uvloop", ws_per_message_deflate=False)
