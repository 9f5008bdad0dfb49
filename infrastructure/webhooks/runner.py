"""Delivers what happens to those who asked to be told: a follower of the log with a memory of its own.

At least once and in order, for each webhook by itself. It knows nothing of the read model: a rebuild of
that sends nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Final

import anyio
from anyio.abc import TaskGroup

from domain.events import WebhookEvent, WebhookRedeliveryRequested
from domain.ports.log import RecordedEvent
from infrastructure.webhooks.endpoint import Endpoint, Workshop

GRACE_SECONDS: Final = 3.0


class WebhookRunner:
    """An endpoint for each webhook that is enabled; what is recorded of webhooks is carried out at once."""

    def __init__(self, workshop: Workshop) -> None:
        self._shop = workshop
        self._endpoints: dict[str, Endpoint] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver while the context lasts; at its end requests under way may be answered, for a moment."""
        async with anyio.create_task_group() as work, anyio.create_task_group() as loops:
            await self._begin(work)
            loops.start_soon(self._follow, work)
            try:
                yield
            finally:
                loops.cancel_scope.cancel()
                for endpoint in self._endpoints.values():
                    endpoint.stop(GRACE_SECONDS)

    async def _begin(self, work: TaskGroup) -> None:
        shop = self._shop
        streams = await shop.registry.load()
        versions = {webhook_id: events[-1].version for webhook_id, events in streams.items()}
        await shop.deliveries.reconcile(shop.event_log.end, versions)
        for webhook_id, events in streams.items():
            await shop.deliveries.carry_out(events)
            self._start(webhook_id, work)
        await self._forget_removed()

    async def _follow(self, work: TaskGroup) -> None:
        async with aclosing(self._shop.event_log.follow(self._shop.registry.position)) as events:
            async for recorded in events:
                self._shop.registry.see(recorded)
                if isinstance(recorded.event, WebhookEvent):
                    await self._carry_out(recorded, recorded.event, work)

    async def _carry_out(self, recorded: RecordedEvent, event: WebhookEvent, work: TaskGroup) -> None:
        """An endpoint does not work on while it is changed; a request under way is made again then."""
        endpoint = self._endpoints.get(event.webhook_id)
        if endpoint is not None and isinstance(event, WebhookRedeliveryRequested):
            await self._shop.deliveries.carry_out([recorded])
            endpoint.ask()
            return
        if endpoint is not None:
            endpoint.stop(0)
            await endpoint.ended()
            del self._endpoints[event.webhook_id]
        await self._shop.deliveries.carry_out([recorded])
        await self._forget_removed()
        self._start(event.webhook_id, work)

    async def _forget_removed(self) -> None:
        removed = self._shop.registry.removed
        if removed:
            await self._shop.event_log.forget(removed)
            removed.clear()

    def _start(self, webhook_id: str, work: TaskGroup) -> None:
        registered = self._shop.registry.get(webhook_id)
        if registered is not None and registered.webhook.disabled is None:
            self._endpoints[webhook_id] = Endpoint(webhook_id, self._shop)
            work.start_soon(self._endpoints[webhook_id].run)
