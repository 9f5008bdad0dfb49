"""Deliveries: at least once, in order, each webhook by itself."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import pytest

from domain import webhook_service
from domain.commands import (
    ChangeWebhook,
    DisableWebhook,
    EnableWebhook,
    ManageWebhook,
    Redeliver,
    RemoveWebhook,
    ReplayWebhook,
)
from domain.events import AlbumCreated, AlbumDeleted, DisableReason, WebhookAdded
from domain.ports.log import EventLog, RecordedEvent
from domain.ports.webhooks import DeliveryFailure, DeliveryView, WebhookView
from domain.requests import Caller
from domain.webhook import webhook_stream
from domain.webhook_service import WantedWebhook, WebhookService
from infrastructure.memory.log import MemoryEventLog
from infrastructure.sqlite import connection
from infrastructure.webhooks import deliveries as stored
from infrastructure.webhooks import endpoint
from infrastructure.webhooks.addresses import AddressPolicy
from infrastructure.webhooks.deliveries import Deliveries
from infrastructure.webhooks.endpoint import Workshop
from infrastructure.webhooks.network import CheckedNetwork, Resolver
from infrastructure.webhooks.registry import WebhookRegistry
from infrastructure.webhooks.retry import ATTEMPTS
from infrastructure.webhooks.runner import WebhookRunner
from infrastructure.webhooks.sender import open_sender
from tests.examples import ACTOR, OWNER, append
from tests.infrastructure.webhooks.receiver import Receiver, receiving, status

CALLER = Caller(ACTOR, OWNER)


class Time:
    """A clock that moves only when somebody sleeps, unless it is stopped: then sleepers sleep on."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0
        self.slept: list[float] = []
        self.runs = asyncio.Event()
        self.runs.set()

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.runs.wait()
        self.seconds += seconds


class Darkroom:
    """A log in memory that outlives the runner, as the data folder outlives the process."""

    def __init__(self, folder: Path, log: EventLog) -> None:
        self.log = log
        self.file = folder / "webhooks.db"
        self.policy = AddressPolicy(("127.0.0.1",))
        self.service = WebhookService(log, self.policy)
        self.time = Time()
        self.slots = anyio.Semaphore(endpoint.AT_ONCE)
        self.faults = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[WebhookRegistry]:
        async with AsyncExitStack() as stack:
            deliveries = await stack.enter_async_context(Deliveries(self.file, self.log.store_id).opened())
            sender = await stack.enter_async_context(
                open_sender(CheckedNetwork(self.policy, Resolver()), endpoint.AT_ONCE)
            )
            registry = WebhookRegistry(self.log, deliveries)
            workshop = Workshop(
                event_log=self.log,
                registry=registry,
                deliveries=deliveries,
                sender=sender,
                body=self.body,
                service=self.service,
                now=self.time.now,
                sleep=self.time.sleep,
                jitter=lambda: 0.5,
                slots=self.slots,
            )
            await stack.enter_async_context(WebhookRunner(workshop).running())
            yield registry

    def body(self, recorded: RecordedEvent) -> bytes:
        if self.faults:
            self.faults -= 1
            raise RuntimeError("a fault of our own")
        return json.dumps({"position": recorded.position}).encode()

    async def add(self, url: str, *types: str) -> str:
        done, _ = await self.service.add(CALLER, WantedWebhook(url=url, types=types), None)
        return done.webhook_id

    async def happen(self, count: int = 1, owner: str = OWNER) -> None:
        for _ in range(count):
            position = self.log.head + 1
            event = AlbumCreated(album_id=str(position), name="secret name")
            await self.log.append(append(f"album-{position}", event, owner=owner))

    async def order(self, command: ManageWebhook) -> None:
        await self.service.change(CALLER, command, None, None)


def positions(receiver: Receiver) -> list[int]:
    return [received.content["position"] for received in receiver.received]


async def view(registry: WebhookRegistry, webhook_id: str) -> WebhookView:
    found = await registry.find(OWNER, webhook_id)
    assert found is not None
    return found


async def until_disabled(registry: WebhookRegistry, webhook_id: str) -> WebhookView:
    async with asyncio.timeout(10):
        while (found := await view(registry, webhook_id)).disabled is None:
            await asyncio.sleep(0.005)
    return found


async def until_delivered(registry: WebhookRegistry, webhook_id: str, position: int) -> WebhookView:
    async with asyncio.timeout(10):
        while (found := await view(registry, webhook_id)).delivered < position:
            await asyncio.sleep(0.005)
    return found


async def until_tried(registry: WebhookRegistry, webhook_id: str, count: int) -> list[DeliveryView]:
    """The latest attempts first."""
    async with asyncio.timeout(10):
        while len(found := await registry.deliveries(webhook_id, None, 100)) < count:
            await asyncio.sleep(0.005)
    return list(found)


@pytest.fixture
def darkroom(tmp_path: Path) -> Darkroom:
    return Darkroom(tmp_path, MemoryEventLog())


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def test_what_happens_is_delivered_in_order(darkroom: Darkroom, receiver: Receiver) -> None:
    """From the moment on when the webhook was added; what is said of webhooks and of others is not."""
    async with darkroom.open() as registry:
        await darkroom.happen(2)
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(2)
        await darkroom.happen(1, owner="owner-2")
        await darkroom.add("http://1.1.1.1/", "ImageUploaded")
        await darkroom.happen(2)
        await receiver.wait_for(4)
        assert positions(receiver) == [4, 5, 8, 9]
        found = await until_delivered(registry, webhook_id, 9)
        assert (found.attempts, found.next_attempt_at, found.disabled) == (0, None, None)
        tried = await until_tried(registry, webhook_id, 4)
        assert [(each.position, each.attempt, each.status) for each in tried] == [
            (9, 1, 200), (8, 1, 200), (5, 1, 200), (4, 1, 200)
        ]  # fmt: skip


async def test_deliveries_are_signed_and_named(darkroom: Darkroom, receiver: Receiver) -> None:
    """With the secret of their webhook; each event has a name of its own."""
    darkroom.time.seconds = time.time()
    async with darkroom.open():
        _, secret = await darkroom.service.add(CALLER, WantedWebhook(url=receiver.url), None)
        await darkroom.happen(3)
        received = await receiver.wait_for(3)
    assert all(each.is_signed_with(secret) for each in received)
    assert not any(each.is_signed_with("whsec_AAAA") for each in received)
    assert len({each.message for each in received}) == 3


async def test_only_the_types_asked_for_are_delivered(darkroom: Darkroom, receiver: Receiver) -> None:
    """As the webhook says when their turn comes."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url, "AlbumDeleted")
        await darkroom.happen(3)
        await darkroom.log.append(append("album-2", AlbumDeleted(album_id="2")))
        await receiver.wait_for(1)
        assert positions(receiver) == [5]
        await until_delivered(registry, webhook_id, 5)
        await darkroom.order(ChangeWebhook(webhook_id=webhook_id, types=()))
        await darkroom.happen(1)
        await receiver.wait_for(2)
    assert positions(receiver) == [5, 7]


async def test_a_failure_is_tried_again_with_longer_pauses(darkroom: Darkroom, receiver: Receiver) -> None:
    """Under the same name, before anything that follows; then all goes on as usual."""
    receiver.answers.extend([status(500)] * 4)
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(2)
        await receiver.wait_for(6)
        tried = await until_tried(registry, webhook_id, 6)
    assert positions(receiver) == [2, 2, 2, 2, 2, 3]
    assert len({each.message for each in receiver.received}) == 2
    assert darkroom.time.slept == [1, 2, 4, 8]
    assert [each.attempt for each in tried] == [1, 5, 4, 3, 2, 1]
    assert (tried[0].at - tried[5].at).total_seconds() == 15


async def test_a_receiver_is_waited_for_as_it_asks(darkroom: Darkroom, receiver: Receiver) -> None:
    """Within an hour."""
    receiver.answers.extend([status(429, "retry-after: 90"), status(503, "retry-after: 86400")])
    async with darkroom.open():
        await darkroom.add(receiver.url)
        await darkroom.happen()
        await receiver.wait_for(3)
    assert darkroom.time.slept == [90, 3600]


async def test_a_failing_webhook_shows_how_it_is(darkroom: Darkroom, receiver: Receiver) -> None:
    """How often it was tried, and when it is tried next."""
    receiver.always = status(500)
    darkroom.time.runs.clear()
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen()
        await until_tried(registry, webhook_id, 1)
        found = await view(registry, webhook_id)
    assert (found.delivered, found.attempts) == (1, 1)
    assert found.next_attempt_at is not None
    assert found.next_attempt_at.timestamp() == darkroom.time.seconds + 1


async def test_a_webhook_that_fails_too_often_is_disabled(darkroom: Darkroom, receiver: Receiver) -> None:
    """And goes on from where it stood when it is enabled: nothing is left out."""
    receiver.always = status(500)
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(2)
        found = await until_disabled(registry, webhook_id)
        assert (found.disabled, found.delivered, found.attempts) == (DisableReason.FAILING, 1, ATTEMPTS)
        assert len(receiver.received) == ATTEMPTS
        assert 23 * 3600 < sum(darkroom.time.slept) < 25 * 3600
        await darkroom.happen(1)
        receiver.always = status(200)
        await darkroom.order(EnableWebhook(webhook_id=webhook_id))
        await until_delivered(registry, webhook_id, 5)
    assert positions(receiver)[ATTEMPTS:] == [2, 3, 5]


async def test_a_receiver_that_is_gone_is_not_asked_again(darkroom: Darkroom, receiver: Receiver) -> None:
    """It said so by 410."""
    receiver.answers.append(status(410))
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen()
        found = await until_disabled(registry, webhook_id)
        assert (found.disabled, len(receiver.received)) == (DisableReason.GONE, 1)
        await darkroom.order(EnableWebhook(webhook_id=webhook_id))
        await receiver.wait_for(2)
    assert positions(receiver) == [2, 2]


async def test_a_slow_receiver_holds_up_no_other(darkroom: Darkroom, receiver: Receiver) -> None:
    """Nor does a failing one."""
    receiver.hold.clear()
    darkroom.time.runs.clear()
    async with receiving() as quick, receiving() as failing, darkroom.open() as registry:
        failing.always = status(500)
        slow_id = await darkroom.add(receiver.url)
        await darkroom.add(failing.url)
        await darkroom.add(quick.url)
        await darkroom.happen(20)
        await quick.wait_for(20)
        assert (len(receiver.received), len(failing.received)) == (1, 1)
        receiver.hold.set()
        await until_delivered(registry, slow_id, 23)
    assert positions(receiver) == positions(quick)


async def test_requests_under_way_are_bounded(darkroom: Darkroom, receiver: Receiver) -> None:
    """The others wait for their turn."""
    darkroom.slots = anyio.Semaphore(2)
    receiver.hold.clear()
    async with darkroom.open():
        for _ in range(5):
            await darkroom.add(receiver.url)
        await darkroom.happen()
        await receiver.wait_for(2)
        await asyncio.sleep(0.05)
        assert len(receiver.received) == 2
        receiver.hold.set()
        await receiver.wait_for(5)


async def test_one_delivery_is_sent_again_on_request(darkroom: Darkroom, receiver: Receiver) -> None:
    """Under its name, once, whatever comes of it, while the others go on."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(3)
        await until_delivered(registry, webhook_id, 4)
        receiver.answers.append(status(500))
        await darkroom.order(Redeliver(webhook_id=webhook_id, position=3))
        tried = await until_tried(registry, webhook_id, 4)
        assert (tried[0].position, tried[0].attempt, tried[0].status) == (3, 0, 500)
        await darkroom.happen(1)
        await receiver.wait_for(5)
        assert (await view(registry, webhook_id)).attempts == 0
    assert positions(receiver) == [2, 3, 4, 3, 6]
    assert receiver.received[1].message == receiver.received[3].message


async def test_a_redelivery_does_not_wait_for_a_failing_one(darkroom: Darkroom, receiver: Receiver) -> None:
    """Whoever asks for it wants to see what comes of it now."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(1)
        await until_delivered(registry, webhook_id, 2)
        darkroom.time.runs.clear()
        receiver.answers.append(status(500))
        await darkroom.happen(1)
        await until_tried(registry, webhook_id, 2)
        await darkroom.order(Redeliver(webhook_id=webhook_id, position=2))
        await receiver.wait_for(3)
    assert positions(receiver) == [2, 3, 2]


async def test_deliveries_are_replayed_from_any_position(darkroom: Darkroom, receiver: Receiver) -> None:
    """In order, back and forth; from before the webhook was there, too."""
    async with darkroom.open() as registry:
        await darkroom.happen(2)
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(1)
        await until_delivered(registry, webhook_id, 4)
        await darkroom.order(ReplayWebhook(webhook_id=webhook_id, after=1))
        await receiver.wait_for(3)
        await until_delivered(registry, webhook_id, 4)
        assert positions(receiver) == [4, 2, 4]
        receiver.always = status(500)
        darkroom.time.runs.clear()
        await darkroom.happen(2)
        await receiver.wait_for(4)
        receiver.always = status(200)
        await darkroom.order(ReplayWebhook(webhook_id=webhook_id, after=6))
        await receiver.wait_for(5)
    assert positions(receiver) == [4, 2, 4, 6, 7]


async def test_a_replay_wins_over_a_delivery_under_way(darkroom: Darkroom, receiver: Receiver) -> None:
    """Which does not take it back when it is answered."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(3)
        await until_delivered(registry, webhook_id, 4)
        receiver.hold.clear()
        await darkroom.happen(1)
        await receiver.wait_for(4)
        await darkroom.order(ReplayWebhook(webhook_id=webhook_id, after=2))
        await receiver.wait_for(5)
        receiver.hold.set()
        await until_delivered(registry, webhook_id, 5)
    assert positions(receiver) == [2, 3, 4, 5, 3, 4, 5]


async def test_a_changed_address_is_tried_at_once(darkroom: Darkroom, receiver: Receiver) -> None:
    """Nobody who has corrected it waits for an hour."""
    darkroom.time.runs.clear()
    async with receiving() as wrong, darkroom.open():
        wrong.always = status(404)
        webhook_id = await darkroom.add(wrong.url)
        await darkroom.happen(1)
        await wrong.wait_for(1)
        await darkroom.order(ChangeWebhook(webhook_id=webhook_id, url=receiver.url))
        await receiver.wait_for(1)
    assert positions(receiver) == [2]


async def test_a_disabled_webhook_is_told_nothing_and_misses_nothing(
    darkroom: Darkroom, receiver: Receiver
) -> None:
    """Also across a restart."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(1)
        await until_delivered(registry, webhook_id, 2)
        await darkroom.order(DisableWebhook(webhook_id=webhook_id))
        await darkroom.happen(1)
        assert (await view(registry, webhook_id)).disabled is DisableReason.ASKED
    async with darkroom.open() as registry:
        await view(registry, webhook_id)
        assert positions(receiver) == [2]
        await darkroom.order(EnableWebhook(webhook_id=webhook_id))
        await receiver.wait_for(2)
    assert positions(receiver) == [2, 4]


async def test_a_removed_webhook_leaves_nothing(darkroom: Darkroom, receiver: Receiver) -> None:
    """Neither in lists nor in the files, nor what is sealed in the log; a delivery under way is dropped."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        receiver.hold.clear()
        await darkroom.happen(2)
        await receiver.wait_for(1)
        await darkroom.order(RemoveWebhook(webhook_id=webhook_id))
        assert list(await registry.all(OWNER)) == []
    receiver.hold.set()
    async with darkroom.open() as registry:
        await darkroom.happen(1)
        assert list(await registry.all(OWNER)) == []
        assert list(await registry.deliveries(webhook_id, None, 10)) == []
        added = (await darkroom.log.read_stream(webhook_stream(webhook_id)))[0].event
        assert isinstance(added, WebhookAdded)
        assert (added.url, added.secret) == ("", "")
    assert positions(receiver) == [2]


async def test_a_restart_goes_on_where_deliveries_stood(darkroom: Darkroom, receiver: Receiver) -> None:
    """What happened meanwhile is delivered; what was delivered is not delivered again."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(2)
        await until_delivered(registry, webhook_id, 3)
    await darkroom.happen(2)
    async with darkroom.open() as registry:
        await until_delivered(registry, webhook_id, 5)
    assert positions(receiver) == [2, 3, 4, 5]


async def test_a_restart_does_not_shorten_a_pause(darkroom: Darkroom, receiver: Receiver) -> None:
    """Attempts are counted on, so that a server that restarts often does not try for ever."""
    receiver.always = status(500)
    darkroom.time.runs.clear()
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(1)
        await until_tried(registry, webhook_id, 1)
    darkroom.time.runs.set()
    darkroom.time.slept.clear()
    darkroom.time.seconds += 0.25
    async with darkroom.open() as registry:
        await until_disabled(registry, webhook_id)
    assert darkroom.time.slept[:2] == [0.75, 2]
    assert len(receiver.received) == ATTEMPTS


async def test_a_clock_put_back_makes_nobody_wait_for_years(darkroom: Darkroom, receiver: Receiver) -> None:
    """No pause is longer than two of the longest."""
    receiver.answers.append(status(500))
    darkroom.time.runs.clear()
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(1)
        await until_tried(registry, webhook_id, 1)
    darkroom.time.runs.set()
    darkroom.time.seconds -= 10 * 365 * 86400
    async with darkroom.open() as registry:
        await until_delivered(registry, webhook_id, 2)
    assert darkroom.time.slept[-1] == 7200


async def test_a_shutdown_lets_a_request_be_answered(darkroom: Darkroom, receiver: Receiver) -> None:
    """So that it need not be repeated; nothing new is begun."""
    receiver.hold.clear()
    async with darkroom.open():
        await darkroom.add(receiver.url)
        await darkroom.happen(3)
        await receiver.wait_for(1)
        asyncio.get_running_loop().call_later(0.05, receiver.hold.set)
    async with darkroom.open():
        await receiver.wait_for(3)
    assert positions(receiver) == [2, 3, 4]


async def test_a_shutdown_does_not_wait_for_long(
    darkroom: Darkroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is not answered by then is repeated after the restart."""
    monkeypatch.setattr("infrastructure.webhooks.runner.GRACE_SECONDS", 0.02)
    receiver.hold.clear()
    async with asyncio.timeout(2):
        async with darkroom.open():
            await darkroom.add(receiver.url)
            await darkroom.happen(1)
            await receiver.wait_for(1)
    receiver.hold.set()
    async with darkroom.open():
        await receiver.wait_for(2)
    assert positions(receiver) == [2, 2]


async def test_a_lost_file_repeats_and_leaves_out_nothing(darkroom: Darkroom, receiver: Receiver) -> None:
    """Deliveries go on from where the log last said: where the webhook was added, or replayed from."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(3)
        await until_delivered(registry, webhook_id, 4)
    darkroom.file.unlink()
    async with darkroom.open() as registry:
        await until_delivered(registry, webhook_id, 4)
        assert positions(receiver) == [2, 3, 4] * 2
        await darkroom.order(ReplayWebhook(webhook_id=webhook_id, after=4))
    darkroom.file.write_bytes(b"no database" * 1000)
    async with darkroom.open() as registry:
        await darkroom.happen(1)
        await until_delivered(registry, webhook_id, 6)
    assert positions(receiver) == [2, 3, 4] * 2 + [6]
    ids = [received.message for received in receiver.received]
    assert ids[:3] == ids[3:6]


async def test_positions_of_a_log_that_lost_its_end_are_taken_back(
    darkroom: Darkroom, receiver: Receiver, tmp_path: Path
) -> None:
    """It was restored from an older copy: what is recorded there next was never delivered."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(5)
        await until_delivered(registry, webhook_id, 6)
        darkroom.slots = anyio.Semaphore(0)
    async with darkroom.open() as registry:
        await darkroom.order(Redeliver(webhook_id=webhook_id, position=5))
        while await registry._deliveries.next_redelivery(webhook_id) is None:
            await asyncio.sleep(0.005)
    older = MemoryEventLog()
    older.store_id = darkroom.log.store_id
    for recorded in await darkroom.log.read(0, 3):
        assert recorded.event is not None
        await older.append(append(recorded.stream, recorded.event))
    restored = Darkroom(tmp_path, older)
    async with restored.open() as registry:
        await restored.happen(1)
        await until_delivered(registry, webhook_id, 4)
        await restored.order(Redeliver(webhook_id=webhook_id, position=2))
        await receiver.wait_for(7)
    assert positions(receiver) == [2, 3, 4, 5, 6, 4, 2]


async def test_a_file_of_another_store_is_not_used(
    darkroom: Darkroom, receiver: Receiver, tmp_path: Path
) -> None:
    """Its positions say nothing here."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(2)
        await until_delivered(registry, webhook_id, 3)
    other = Darkroom(tmp_path, MemoryEventLog())
    async with other.open() as registry:
        webhook_id = await other.add(receiver.url)
        await other.happen(1)
        await until_delivered(registry, webhook_id, 2)
    assert len(receiver.received) == 3


async def test_a_fault_of_our_own_is_an_attempt_in_vain(darkroom: Darkroom, receiver: Receiver) -> None:
    """It is logged, and neither ends the server nor loses the event."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        darkroom.faults = 1
        await darkroom.happen(2)
        await receiver.wait_for(2)
        tried = await until_tried(registry, webhook_id, 3)
    assert positions(receiver) == [2, 3]
    assert tried[2].failure is DeliveryFailure.INTERNAL


async def test_an_endpoint_survives_the_unforeseen(
    darkroom: Darkroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on after a while, and the others meanwhile."""
    monkeypatch.setattr(endpoint, "_RECOVERY_SECONDS", 0.01)
    faults = ["the unforeseen"]

    def deliverable(recorded: RecordedEvent, owner: str) -> bool:
        if faults:
            raise RuntimeError(faults.pop())
        return webhook_service.deliverable(recorded, owner)

    monkeypatch.setattr(endpoint, "deliverable", deliverable)
    async with darkroom.open():
        await darkroom.add(receiver.url)
        await darkroom.happen(2)
        await receiver.wait_for(2)
    assert (positions(receiver), faults) == ([2, 3], [])


async def test_a_full_disk_delays_and_forgets_nothing(
    darkroom: Darkroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was delivered is written down once there is room again, and only then the next is sent."""
    monkeypatch.setattr(stored, "_RETRY_SECONDS", 0.01)
    full = threading.Event()

    @contextmanager
    def transaction(db: sqlite3.Connection) -> Iterator[None]:
        with connection.transaction(db):
            yield
            if full.is_set():
                raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(stored, "transaction", transaction)
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(1)
        await until_delivered(registry, webhook_id, 2)
        full.set()
        await darkroom.happen(2)
        await asyncio.sleep(0.05)
        assert positions(receiver) in ([2], [2, 3])
        full.clear()
        await until_delivered(registry, webhook_id, 4)
    assert positions(receiver) == [2, 3, 4]


async def test_the_record_of_attempts_is_bounded(
    darkroom: Darkroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number and by age; pages of it go on from any attempt."""
    monkeypatch.setattr(stored, "KEPT", 10)
    monkeypatch.setattr(stored, "_TRIM_EVERY", 5)
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(25)
        await until_delivered(registry, webhook_id, 26)
        tried = await registry.deliveries(webhook_id, None, 100)
        assert [each.position for each in tried] == list(range(26, 16, -1))
        page = await registry.deliveries(webhook_id, tried[3].number, 2)
        assert [each.position for each in page] == [22, 21]
        darkroom.time.seconds += 31 * 86400
        await darkroom.happen(5)
        await until_delivered(registry, webhook_id, 31)
        tried = await registry.deliveries(webhook_id, None, 100)
        assert [each.position for each in tried] == [31, 30, 29, 28, 27]


async def test_events_that_are_not_delivered_are_not_read_again(
    darkroom: Darkroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their passing is noted now and then."""
    monkeypatch.setattr(endpoint, "PASSED_EVERY", 10)
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url, "AlbumDeleted")
        await darkroom.happen(25)
        await until_delivered(registry, webhook_id, 21)
    assert receiver.received == []


async def test_what_was_asked_for_is_done_once_whatever_restarts(
    darkroom: Darkroom, receiver: Receiver
) -> None:
    """Replays and redeliveries are carried out when they are recorded, and not whenever they are read."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await darkroom.happen(2)
        await until_delivered(registry, webhook_id, 3)
        await darkroom.order(ReplayWebhook(webhook_id=webhook_id, after=2))
        await receiver.wait_for(3)
        await until_delivered(registry, webhook_id, 3)
        await darkroom.order(Redeliver(webhook_id=webhook_id, position=2))
        await until_tried(registry, webhook_id, 4)
    async with darkroom.open() as registry:
        await darkroom.happen(1)
        await until_delivered(registry, webhook_id, 6)
        assert await registry._deliveries.next_redelivery(webhook_id) is None
    assert positions(receiver) == [2, 3, 3, 2, 6]


async def test_whoever_has_changed_a_webhook_finds_it_changed(
    darkroom: Darkroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question waits until what was recorded before it is known."""
    async with darkroom.open() as registry:
        webhook_id = await darkroom.add(receiver.url)
        await view(registry, webhook_id)
        slow, carry_out = asyncio.Event(), Deliveries.carry_out

        async def carry_out_slowly(self: Deliveries, events: Sequence[RecordedEvent]) -> None:
            await slow.wait()
            await carry_out(self, events)

        monkeypatch.setattr(Deliveries, "carry_out", carry_out_slowly)
        for description in ("one", "two"):
            await darkroom.order(ChangeWebhook(webhook_id=webhook_id, description=description))
        asking = asyncio.create_task(view(registry, webhook_id))
        done, _ = await asyncio.wait([asking], timeout=0.05)
        assert not done
        slow.set()
        assert (await asking).description == "two"
