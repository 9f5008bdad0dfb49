"""Commands on webhooks carried out, on a log in memory."""

from __future__ import annotations

import asyncio
import base64

import pytest

from domain.commands import (
    ChangeWebhook,
    DisableWebhook,
    EnableWebhook,
    Redeliver,
    RemoveWebhook,
    ReplayWebhook,
)
from domain.errors import Refusal, TargetNotAllowed
from domain.events import AlbumCreated, WebhookAdded
from domain.requests import Caller
from domain.webhook_service import MOST_WEBHOOKS, WantedWebhook, WebhookService
from infrastructure.memory.log import MemoryEventLog
from tests.examples import ACTOR, OWNER, append

CALLER = Caller(ACTOR, OWNER)
STRANGER = Caller("actor-2", "owner-2")
WANTED = WantedWebhook(url="https://example.org/")


class NoMetadata:
    """Refuses one host."""

    def check(self, host: str) -> None:
        if host == "169.254.169.254":
            raise TargetNotAllowed("Not there.", field="url")


class World:
    def __init__(self) -> None:
        self.log = MemoryEventLog()
        self.service = WebhookService(self.log, NoMetadata())

    async def refused(self, asking: object) -> str:
        head = self.log.head
        with pytest.raises(Refusal) as refusal:
            await asking  # type: ignore[misc]
        assert self.log.head == head
        return refusal.value.code


@pytest.fixture
def world() -> World:
    return World()


async def test_each_webhook_has_a_secret_of_its_own(world: World) -> None:
    """Of 32 random bytes, written as the Standard Webhooks specification says."""
    one, secret = await world.service.add(CALLER, WANTED, None)
    two, other = await world.service.add(CALLER, WANTED, None)
    assert one.webhook_id != two.webhook_id
    assert secret != other
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    (recorded,) = await world.log.read(0, 1)
    assert isinstance(recorded.event, WebhookAdded)
    assert recorded.event.secret == secret


async def test_a_repeated_addition_is_answered_with_the_first_one(world: World) -> None:
    """Secret included: its first answer may have been lost. With another body it is refused."""
    first = await world.service.add(CALLER, WANTED, "c-1")
    assert await world.service.add(CALLER, WANTED, "c-1") == first
    assert world.log.head == 1
    other = WantedWebhook(url="https://example.org/other")
    assert await world.refused(world.service.add(CALLER, other, "c-1")) == "COMMAND_ID_REUSED"


async def test_an_owner_has_a_bounded_number_of_webhooks(world: World) -> None:
    """Racers included; whoever removes one may add another."""
    added = await asyncio.gather(
        *(world.service.add(CALLER, WANTED, None) for _ in range(MOST_WEBHOOKS + 5)), return_exceptions=True
    )
    assert sum(isinstance(each, Refusal) for each in added) == 5
    assert await world.refused(world.service.add(CALLER, WANTED, None)) == "TOO_MANY_WEBHOOKS"
    await world.service.add(STRANGER, WANTED, None)
    first = next(each for each in added if not isinstance(each, BaseException))
    await world.service.change(CALLER, RemoveWebhook(webhook_id=first[0].webhook_id), None, None)
    await world.service.add(CALLER, WANTED, None)
    assert await world.refused(world.service.add(CALLER, WANTED, None)) == "TOO_MANY_WEBHOOKS"


async def test_where_nothing_is_ever_delivered_nothing_is_registered(world: World) -> None:
    """Neither at first nor by a change."""
    metadata = "http://169.254.169.254/latest"
    assert (
        await world.refused(world.service.add(CALLER, WantedWebhook(url=metadata), None))
        == "TARGET_NOT_ALLOWED"
    )
    done, _ = await world.service.add(CALLER, WANTED, None)
    change = ChangeWebhook(webhook_id=done.webhook_id, url=metadata)
    assert await world.refused(world.service.change(CALLER, change, None, None)) == "TARGET_NOT_ALLOWED"


async def test_what_another_owns_is_not_there(world: World) -> None:
    """Nor what was never added."""
    done, _ = await world.service.add(CALLER, WANTED, None)
    for caller, webhook_id in ((STRANGER, done.webhook_id), (CALLER, "f" * 32)):
        command = RemoveWebhook(webhook_id=webhook_id)
        assert await world.refused(world.service.change(caller, command, None, None)) == "NOT_FOUND"


async def test_a_change_is_made_once_and_checked(world: World) -> None:
    """By its command id, and by the version that was expected."""
    done, _ = await world.service.add(CALLER, WANTED, None)
    disable = DisableWebhook(webhook_id=done.webhook_id)
    first = await world.service.change(CALLER, disable, 1, "c-1")
    await world.service.change(CALLER, EnableWebhook(webhook_id=done.webhook_id), 2, "c-2")
    assert await world.service.change(CALLER, disable, 1, "c-1") == first
    assert world.log.head == 3
    assert await world.refused(world.service.change(CALLER, disable, 1, None)) == "VERSION_CONFLICT"


async def test_only_what_could_be_delivered_is_delivered_again(world: World) -> None:
    """An event of this owner that is not about webhooks."""
    done, _ = await world.service.add(CALLER, WANTED, None)
    await world.log.append(append("album-1", AlbumCreated(album_id="1")))
    await world.log.append(append("album-2", AlbumCreated(album_id="2"), owner="owner-2"))
    for position in (-1, 0, 1, 3, 4):
        again = Redeliver(webhook_id=done.webhook_id, position=position)
        assert await world.refused(world.service.change(CALLER, again, None, None)) == "INVALID_INPUT"
    again = Redeliver(webhook_id=done.webhook_id, position=2)
    assert (await world.service.change(CALLER, again, None, None)).position == 4
    replay = ReplayWebhook(webhook_id=done.webhook_id, after=0)
    assert (await world.service.change(CALLER, replay, None, None)).position == 5
