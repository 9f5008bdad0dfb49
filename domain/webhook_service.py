"""Commands on webhooks carried out."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from typing import Final

from domain.commands import AddWebhook, ChangeWebhook, ManageWebhook, Redeliver
from domain.errors import AlreadyClaimed, InvalidInput, NotFound, TooManyWebhooks
from domain.events import WebhookEvent, WebhookRemoved
from domain.ports.log import Append, Appended, Claim, EventLog, Expect, RecordedEvent, StreamAppend
from domain.ports.webhooks import Targets
from domain.requests import Caller, check_version, request_context, retried
from domain.webhook import DELIVERABLE, Webhook, clean_url, decide, evolve, url_host, webhook_stream

MOST_WEBHOOKS: Final = 100
"""Of one owner. Each holds a claim on one of so many places, so that racers cannot exceed it."""

SECRET_BYTES: Final = 32
_PLACE: Final = "webhook"


@dataclass(frozen=True, slots=True)
class WebhookDone:
    """The webhook that a command was about, and the position at which its outcome shows."""

    webhook_id: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedWebhook:
    """What is asked of a new webhook."""

    url: str
    types: tuple[str, ...] = ()
    description: str = ""


class WebhookService:
    """What may be asked about webhooks. Each request is done once, however often it is repeated."""

    def __init__(self, log: EventLog, targets: Targets) -> None:
        self._log = log
        self._targets = targets

    async def add(
        self, caller: Caller, wanted: WantedWebhook, command_id: str | None
    ) -> tuple[WebhookDone, str]:
        """The new webhook and its signing secret, which is told in no other place. Raises Refusal.

        A repeated request is answered with the first webhook and its secret: its first answer may
        have been lost.
        """
        context = request_context(caller, command_id, "add webhook", asdict(wanted))
        before = await self._log.answered(context)
        if before is not None:
            webhook, _ = await self._load(caller, before.answer)
            return _done(before), webhook.secret
        command = AddWebhook(webhook_id=uuid.uuid4().hex, secret=new_secret(), **asdict(wanted))
        stream = webhook_stream(command.webhook_id)
        write = StreamAppend(stream, decide(None, command), Expect.NO_STREAM)
        self._targets.check(url_host(command.url))
        for place in range(MOST_WEBHOOKS):
            if await self._log.holder(caller.owner, _PLACE, str(place)) is not None:
                continue
            claim = Claim(_PLACE, str(place), stream)
            append = Append(context=context, writes=[write], claims=[claim], answer=command.webhook_id)
            try:
                appended = await self._log.append(append)
            except AlreadyClaimed:  # somebody was faster
                continue
            if appended.repeated:
                return await self.add(caller, wanted, command_id)
            return _done(appended), command.secret
        raise TooManyWebhooks(f"There are {MOST_WEBHOOKS} webhooks already. Remove one first.")

    async def change(
        self, caller: Caller, command: ManageWebhook, expected: int | None, command_id: str | None
    ) -> WebhookDone:
        """Carry out a command on a webhook that is there. Raises Refusal.

        With an `expected` version a lost race is refused; without one the command is decided anew.
        """
        name = type(command).__name__
        context = request_context(caller, command_id, name, asdict(command), expected)
        before = await self._log.answered(context)
        if before is not None:
            return _done(before)
        await self._check(caller, command)
        stream = webhook_stream(command.webhook_id)

        async def attempt() -> WebhookDone:
            webhook, version = await self._load(caller, command.webhook_id)
            check_version(stream, expected, version)
            events = decide(webhook, command)
            append = Append(
                context=context,
                writes=[StreamAppend(stream, events, version)],
                releases=await self._places(caller, stream, events),
                answer=command.webhook_id,
            )
            return _done(await self._log.append(append))

        return await (retried(attempt) if expected is None else attempt())

    async def _check(self, caller: Caller, command: ManageWebhook) -> None:
        """What only the world can say against a command. Raises InvalidInput."""
        match command:
            case ChangeWebhook(url=str(url)):
                self._targets.check(url_host(clean_url(url)))
            case Redeliver(position=position):
                found = await self._log.read(position - 1, 1) if position > 0 else ()
                if not any(deliverable(recorded, caller.owner) for recorded in found):
                    raise InvalidInput("There is no event there that could be delivered.", field="position")

    async def _places(self, caller: Caller, stream: str, events: Sequence[WebhookEvent]) -> list[Claim]:
        """The place that a webhook leaves when it is removed."""
        if not any(isinstance(event, WebhookRemoved) for event in events):
            return []
        claims = [Claim(_PLACE, str(place), stream) for place in range(MOST_WEBHOOKS)]
        return [each for each in claims if await self._log.holder(caller.owner, _PLACE, each.value) == stream]

    async def _load(self, caller: Caller, webhook_id: str) -> tuple[Webhook, int]:
        recorded = await self._log.read_stream(webhook_stream(webhook_id))
        if not recorded or recorded[0].owner != caller.owner:
            raise NotFound("There is no such webhook.", field="id")
        events = [each.event for each in recorded if isinstance(each.event, WebhookEvent)]
        return reduce(evolve, events[1:], evolve(None, events[0])), recorded[-1].version


def new_secret() -> str:
    """As the Standard Webhooks specification writes signing secrets."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def deliverable(recorded: RecordedEvent, owner: str) -> bool:
    """Whether an event may be told to this owner's webhooks."""
    return recorded.owner == owner and recorded.event is not None and recorded.type in DELIVERABLE


def _done(appended: Appended) -> WebhookDone:
    return WebhookDone(appended.answer, appended.position)
