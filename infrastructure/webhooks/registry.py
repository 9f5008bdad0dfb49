"""Which webhooks there are, in memory: there are few, and each request looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import anyio

from domain.events import WebhookAdded, WebhookEvent
from domain.ports.log import EventLog, RecordedEvent
from domain.ports.webhooks import DeliveryView, WebhookView
from domain.webhook import STREAMS, Webhook, evolve
from infrastructure.webhooks.deliveries import Deliveries, Progress


@dataclass(frozen=True, slots=True)
class Registered:
    """A webhook with what its envelope tells."""

    webhook: Webhook
    version: int
    added: RecordedEvent

    @property
    def owner(self) -> str:
        return self.added.owner


class WebhookRegistry:
    """The fold of all webhooks' streams, and the answers to questions about them."""

    def __init__(self, log: EventLog, deliveries: Deliveries) -> None:
        self._log = log
        self._deliveries = deliveries
        self._known: dict[str, Registered] = {}
        self.removed: list[str] = []
        """The streams of webhooks whose URLs and secrets are to be forgotten."""

        self._position = 0
        self._moved = anyio.Event()

    async def load(self) -> Mapping[str, Sequence[RecordedEvent]]:
        """Fold what there is; answers the streams of the webhooks that were not removed.

        An event that comes meanwhile is folded twice, which is as good as once.
        """
        position = self._log.head
        streams: dict[str, Sequence[RecordedEvent]] = {}
        for stream in await self._log.streams(STREAMS):
            events = await self._log.read_stream(stream)
            for recorded in events:
                self._fold(recorded)
            streams[stream.removeprefix(STREAMS)] = events
        self._position = position
        return {webhook_id: streams[webhook_id] for webhook_id in self._known}

    @property
    def position(self) -> int:
        return self._position

    def see(self, recorded: RecordedEvent) -> None:
        """Take in the next event of the log, whatever it is about."""
        self._fold(recorded)
        self._position = recorded.position
        self._moved.set()
        self._moved = anyio.Event()

    def get(self, webhook_id: str) -> Registered | None:
        return self._known.get(webhook_id)

    def __iter__(self) -> Iterator[Registered]:
        return iter(list(self._known.values()))

    async def all(self, owner: str) -> Sequence[WebhookView]:
        await self._catch_up()
        progress = await self._deliveries.all_progress()
        mine = [each for each in self._known.values() if each.owner == owner]
        mine.sort(key=lambda each: each.added.position)
        return [_view(each, progress.get(each.webhook.webhook_id)) for each in mine]

    async def find(self, owner: str, webhook_id: str) -> WebhookView | None:
        return next((each for each in await self.all(owner) if each.webhook_id == webhook_id), None)

    async def deliveries(self, webhook_id: str, before: int | None, limit: int) -> Sequence[DeliveryView]:
        return await self._deliveries.latest(webhook_id, before, limit)

    async def _catch_up(self) -> None:
        """So that whoever has changed a webhook finds it changed."""
        head = self._log.head
        while self._position < head:
            await self._moved.wait()

    def _fold(self, recorded: RecordedEvent) -> None:
        event = recorded.event
        if not isinstance(event, WebhookEvent):
            return
        if isinstance(event, WebhookAdded):
            self._known.setdefault(
                event.webhook_id, Registered(evolve(None, event), recorded.version, recorded)
            )
            return
        known = self._known.get(event.webhook_id)
        if known is None or recorded.version <= known.version:
            return
        webhook = evolve(known.webhook, event)
        if webhook.removed:
            del self._known[event.webhook_id]
            self.removed.append(recorded.stream)
        else:
            self._known[event.webhook_id] = replace(known, webhook=webhook, version=recorded.version)


def _view(registered: Registered, progress: Progress | None) -> WebhookView:
    webhook, added = registered.webhook, registered.added
    next_attempt_at = progress.next_attempt_at if progress is not None and webhook.disabled is None else 0
    return WebhookView(
        webhook_id=webhook.webhook_id,
        position=added.position,
        version=registered.version,
        added_by=added.actor,
        added_at=added.recorded_at,
        url=webhook.url,
        description=webhook.description,
        types=webhook.types,
        disabled=webhook.disabled,
        delivered=added.position if progress is None else progress.position,
        attempts=0 if progress is None else progress.attempts,
        next_attempt_at=datetime.fromtimestamp(next_attempt_at / 1_000_000, UTC) if next_attempt_at else None,
    )
