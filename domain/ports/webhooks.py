"""What is known of webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.events import DisableReason


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """A webhook and how far its deliveries are.

    `delivered` is the position up to which there is nothing more to deliver. `attempts` is how often the
    event behind it was tried in vain, `next_attempt_at` when it is tried next.
    """

    webhook_id: str
    position: int
    version: int
    added_by: str
    added_at: datetime
    url: str
    description: str
    types: tuple[str, ...]
    disabled: DisableReason | None
    delivered: int
    attempts: int
    next_attempt_at: datetime | None


class DeliveryFailure(StrEnum):
    """Why there was no answer."""

    TARGET_NOT_ALLOWED = "TARGET_NOT_ALLOWED"
    HOST_NOT_FOUND = "HOST_NOT_FOUND"
    CONNECTION_FAILED = "CONNECTION_FAILED"
    TIMED_OUT = "TIMED_OUT"
    INVALID_ANSWER = "INVALID_ANSWER"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One attempt to deliver the event at a position.

    `attempt` counts from 1; it is 0 where the attempt was asked for by Redeliver. There is either the
    status of an answer or a failure. The duration is in milliseconds.
    """

    number: int
    position: int
    attempt: int
    at: datetime
    duration: int
    status: int | None
    failure: DeliveryFailure | None


class Webhooks(Protocol):
    """What is known of webhooks, up to the head of the log."""

    async def all(self, owner: str) -> Sequence[WebhookView]:
        """Those that were not removed, the oldest first."""
        ...

    async def find(self, owner: str, webhook_id: str) -> WebhookView | None: ...

    async def deliveries(self, webhook_id: str, before: int | None, limit: int) -> Sequence[DeliveryView]:
        """The latest attempts, or those numbered below `before`, the latest first."""
        ...


class Targets(Protocol):
    """Where webhooks may deliver to."""

    def check(self, host: str) -> None:
        """Raises TargetNotAllowed for what is certain to be refused when it is connected to."""
        ...
