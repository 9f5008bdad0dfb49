"""Deliveries to one webhook: in order, each until it is answered with success, and nobody else waits."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import anyio

from domain.commands import DisableWebhook
from domain.errors import NotFound, Unavailable, VersionConflict
from domain.events import DisableReason
from domain.ports.log import EventLog, RecordedEvent
from domain.ports.webhooks import DeliveryFailure
from domain.requests import Caller
from domain.webhook_service import WebhookService, deliverable
from infrastructure.webhooks.deliveries import Attempt, Deliveries
from infrastructure.webhooks.registry import Registered, WebhookRegistry
from infrastructure.webhooks.retry import ATTEMPTS, LONGEST_PAUSE, new_jitter, pause
from infrastructure.webhooks.sender import Answer, Sender
from infrastructure.webhooks.signature import message_id, signed

ACTOR: Final = "darkroom"
AT_ONCE: Final = 64
"""Requests under way, to all webhooks together; each webhook has one, and one that was asked for by hand."""

PASSED_EVERY: Final = 1000
"""So many events that are not delivered are noted at once, so that nobody reads them again."""

_RECOVERY_SECONDS: Final = 60.0
_SECOND: Final = 1_000_000

Body: TypeAlias = Callable[[RecordedEvent], bytes]

log = logging.getLogger("darkroom.webhooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What all endpoints work with. `now` is in seconds since 1970."""

    event_log: EventLog
    registry: WebhookRegistry
    deliveries: Deliveries
    sender: Sender
    body: Body
    service: WebhookService
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    jitter: Callable[[], float] = new_jitter
    slots: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(AT_ONCE))


class Endpoint:
    """Runs until it is stopped, or the webhook is disabled. Can be run once."""

    def __init__(self, webhook_id: str, workshop: Workshop) -> None:
        self._webhook_id = webhook_id
        self._shop = workshop
        self._scope = anyio.CancelScope()
        self._requests: set[anyio.CancelScope] = set()
        self._asked = anyio.Event()
        self._ended = anyio.Event()

    async def run(self) -> None:
        try:
            with self._scope:
                while True:
                    await self._work()
        finally:
            self._ended.set()

    def stop(self, grace: float) -> None:
        """Begin nothing more; requests under way have so many seconds to be answered and written down."""
        self._scope.cancel()
        for request in self._requests:
            request.deadline = anyio.current_time() + grace

    async def ended(self) -> None:
        await self._ended.wait()

    def ask(self) -> None:
        """Look for redeliveries that were asked for."""
        self._asked.set()

    async def _work(self) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._deliver_all)
                tasks.start_soon(self._redeliver_all)
        except Exception:
            log.exception("webhook %s stands still for a minute", self._webhook_id)
            await anyio.sleep(_RECOVERY_SECONDS)

    async def _deliver_all(self) -> None:
        progress = await self._shop.deliveries.progress(self._webhook_id)
        if progress is None:
            return
        passed = 0
        async with aclosing(self._shop.event_log.follow(progress.position)) as events:
            async for recorded in events:
                if self._wanted(recorded):
                    passed = 0
                    if not await self._deliver(recorded):
                        return
                    continue
                passed += 1
                if passed % PASSED_EVERY == 0:
                    await self._shop.deliveries.passed(self._webhook_id, recorded.position)

    def _wanted(self, recorded: RecordedEvent) -> bool:
        registered = self._shop.registry.get(self._webhook_id)
        return (
            registered is not None
            and deliverable(recorded, registered.owner)
            and registered.webhook.wants(recorded.type)
        )

    async def _deliver(self, recorded: RecordedEvent) -> bool:
        """Try until it is delivered; False where it is given up, and the webhook disabled."""
        shop = self._shop
        while True:
            registered = shop.registry.get(self._webhook_id)
            progress = await shop.deliveries.progress(self._webhook_id)
            if registered is None or progress is None:
                return False
            if progress.attempts >= ATTEMPTS:
                await self._disable(registered, DisableReason.FAILING)
                return False
            await self._wait_until(progress.next_attempt_at)
            answer = await self._attempt(registered, recorded, progress.attempts + 1)
            if answer.gone:
                await self._disable(registered, DisableReason.GONE)
                return False
            if answer.delivered:
                return True

    async def _disable(self, registered: Registered, reason: DisableReason) -> None:
        """Record it; whoever follows the log stops this endpoint then."""
        caller = Caller(ACTOR, registered.owner)
        command = DisableWebhook(webhook_id=self._webhook_id, reason=reason)
        while True:
            try:
                await self._shop.service.change(caller, command, None, None)
            except Unavailable as full:
                await anyio.sleep(full.retry_after)
            except VersionConflict:
                continue
            except NotFound:
                return
            else:
                return

    async def _wait_until(self, moment: int) -> None:
        """A clock that was put back makes nobody wait longer than the longest pause."""
        remaining = min(moment / _SECOND - self._shop.now(), 2 * LONGEST_PAUSE)
        if remaining > 0:
            await self._shop.sleep(remaining)

    async def _attempt(self, registered: Registered, recorded: RecordedEvent, number: int) -> Answer:
        shop = self._shop
        async with shop.slots:
            with anyio.CancelScope(shield=True) as request:
                self._requests.add(request)
                try:
                    attempt = await self._send(registered, recorded, number)
                    seconds = pause(number, attempt.answer.retry_after, shop.jitter())
                    await shop.deliveries.settle(attempt, round((shop.now() + seconds) * _SECOND))
                finally:
                    self._requests.discard(request)
        await anyio.lowlevel.checkpoint()  # whoever was stopped meanwhile ends here
        return attempt.answer

    async def _redeliver_all(self) -> None:
        while True:
            self._asked = anyio.Event()
            while await self._redeliver():
                pass
            await self._asked.wait()

    async def _redeliver(self) -> bool:
        """Send what was asked for longest once more; whether there was something."""
        shop = self._shop
        registered = shop.registry.get(self._webhook_id)
        redelivery = await shop.deliveries.next_redelivery(self._webhook_id)
        if registered is None or redelivery is None:
            return False
        async with aclosing(shop.event_log.follow(redelivery.position - 1)) as events:
            recorded = await anext(events)
        async with shop.slots:
            attempt = await self._send(registered, recorded, 0)
            await shop.deliveries.settle_redelivery(redelivery, attempt)
        return True

    async def _send(self, registered: Registered, recorded: RecordedEvent, number: int) -> Attempt:
        shop, webhook = self._shop, registered.webhook
        now = shop.now()
        try:
            body = shop.body(recorded)
            message = message_id(shop.event_log.store_id, webhook.webhook_id, recorded.position)
            headers = signed(webhook.secret, message, int(now), body)
            answer = await shop.sender.post(webhook.url, headers, body)
        except Exception:
            log.exception("delivering position %d to webhook %s", recorded.position, webhook.webhook_id)
            answer = Answer(failure=DeliveryFailure.INTERNAL)
        return Attempt(
            webhook_id=webhook.webhook_id,
            position=recorded.position,
            number=number,
            at=round(now * _SECOND),
            answer=answer,
        )
