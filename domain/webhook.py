"""A webhook: an address that events are delivered to; what may be done to it, and what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never, get_args
from urllib.parse import SplitResult, urlsplit

from domain.commands import (
    AddWebhook,
    ChangeWebhook,
    DisableWebhook,
    EnableWebhook,
    Redeliver,
    RemoveWebhook,
    ReplayWebhook,
    WebhookCommand,
)
from domain.errors import Conflict, InvalidInput, NotFound, UnknownName
from domain.events import (
    WIRE_NAMES,
    DisableReason,
    WebhookAdded,
    WebhookChanged,
    WebhookDisabled,
    WebhookEnabled,
    WebhookEvent,
    WebhookRedeliveryRequested,
    WebhookRemoved,
    WebhookReplayRequested,
)
from domain.text import clean_description

LONGEST_URL: Final = 2048
STREAMS: Final = "webhook-"
DELIVERABLE: Final = frozenset(
    wire_name.name for event, wire_name in WIRE_NAMES.items() if event not in get_args(WebhookEvent)
)
"""Wire names of what can be delivered: everything but what happens to webhooks themselves."""

_HOST: Final = re.compile(r"[0-9A-Za-z._-]{1,253}|[0-9A-Fa-f:.]{2,45}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    webhook_id: str
    url: str
    types: tuple[str, ...]
    description: str
    secret: str
    disabled: DisableReason | None = None
    removed: bool = False

    def wants(self, type_: str) -> bool:
        return type_ in (self.types or DELIVERABLE)


def webhook_stream(webhook_id: str) -> str:
    return f"{STREAMS}{webhook_id}"


def decide(webhook: Webhook | None, command: WebhookCommand) -> Sequence[WebhookEvent]:
    """The events that a command leads to: none where all is as asked already. Raises Refusal."""
    if isinstance(command, AddWebhook):
        return [_added(webhook, command)]
    if webhook is None or webhook.removed:
        raise NotFound("There is no such webhook.", field="id")
    match command:
        case ChangeWebhook():
            return _changed(webhook, command)
        case EnableWebhook():
            return [] if webhook.disabled is None else [WebhookEnabled(webhook_id=webhook.webhook_id)]
        case DisableWebhook(reason=reason):
            if webhook.disabled is not None:
                return []
            return [WebhookDisabled(webhook_id=webhook.webhook_id, reason=reason)]
        case RemoveWebhook():
            return [WebhookRemoved(webhook_id=webhook.webhook_id)]
        case Redeliver(position=position):
            if webhook.disabled is not None:
                raise Conflict("The webhook is disabled. Enable it before anything is sent.", field="id")
            return [WebhookRedeliveryRequested(webhook_id=webhook.webhook_id, position=position)]
        case ReplayWebhook(after=after):
            return [WebhookReplayRequested(webhook_id=webhook.webhook_id, after=after)]
        case _:
            assert_never(command)


def evolve(webhook: Webhook | None, event: WebhookEvent) -> Webhook:
    """The webhook after one more event."""
    if isinstance(event, WebhookAdded):
        return Webhook(
            webhook_id=event.webhook_id,
            url=event.url,
            types=event.types,
            description=event.description,
            secret=event.secret,
        )
    if webhook is None:
        raise ValueError(f"{type(event).__name__} before WebhookAdded")
    match event:
        case WebhookChanged():
            return replace(webhook, url=event.url, types=event.types, description=event.description)
        case WebhookEnabled():
            return replace(webhook, disabled=None)
        case WebhookDisabled():
            return replace(webhook, disabled=event.reason)
        case WebhookReplayRequested() | WebhookRedeliveryRequested():
            return webhook
        case WebhookRemoved():
            return replace(webhook, removed=True)
        case _:
            assert_never(event)


def clean_url(url: str) -> str:
    """An absolute address of http or https. Raises InvalidInput."""
    parts = _split(url)
    if parts.scheme not in {"http", "https"}:
        raise InvalidInput("A webhook's URL begins with https:// or http://.", field="url")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("A webhook's URL holds no user name and no password.", field="url")
    if not _HOST.fullmatch(parts.hostname or ""):
        raise InvalidInput(
            "A webhook's URL names a host, by an address or by a name in its ASCII form.", field="url"
        )
    if "#" in url:
        raise InvalidInput("A webhook's URL has no fragment: it would never be sent.", field="url")
    return url


def url_host(url: str) -> str:
    """The host that a clean URL names: in lower case, an IPv6 address without its brackets."""
    return urlsplit(url).hostname or ""


def clean_types(types: Iterable[str]) -> tuple[str, ...]:
    """Wire names without repetition, in the order of the alphabet. Raises UnknownName."""
    for name in types:
        if name not in DELIVERABLE:
            raise UnknownName("event type", name, DELIVERABLE, field="types")
    return tuple(sorted(frozenset(types)))


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL:
        raise InvalidInput(
            f"A webhook's URL has at most {LONGEST_URL} characters; this has {len(url)}.", field="url"
        )
    if not all("!" <= character <= "~" and character != "\\" for character in url):
        raise InvalidInput(
            "A webhook's URL is written in ASCII, without spaces and backslashes; encode others by percent.",
            field="url",
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput("This is no URL.", field="url") from None
    if port == 0:
        raise InvalidInput("The port of a webhook's URL goes from 1 to 65535; this is 0.", field="url")
    return parts


def _added(webhook: Webhook | None, command: AddWebhook) -> WebhookAdded:
    if webhook is not None:
        raise Conflict("This webhook was added before.")
    return WebhookAdded(
        webhook_id=command.webhook_id,
        types=clean_types(command.types),
        url=clean_url(command.url),
        description=clean_description(command.description),
        secret=command.secret,
    )


def _changed(webhook: Webhook, command: ChangeWebhook) -> list[WebhookEvent]:
    changed = replace(
        webhook,
        url=webhook.url if command.url is None else clean_url(command.url),
        types=webhook.types if command.types is None else clean_types(command.types),
        description=webhook.description
        if command.description is None
        else clean_description(command.description),
    )
    if changed == webhook:
        return []
    return [
        WebhookChanged(
            webhook_id=changed.webhook_id,
            types=changed.types,
            url=changed.url,
            description=changed.description,
        )
    ]
