"""All webhooks of an owner, removed."""

from __future__ import annotations

from domain.commands import RemoveWebhook
from domain.errors import NotFound
from domain.requests import Caller
from infrastructure.webhooks.endpoint import Workshop


async def remove_webhooks(workshop: Workshop, caller: Caller) -> None:
    """Those of the caller's owner. May be repeated."""
    for view in await workshop.registry.all(caller.owner):
        command = RemoveWebhook(webhook_id=view.webhook_id)
        try:
            await workshop.service.change(caller, command, None, None)
        except NotFound:  # somebody was faster
            continue
