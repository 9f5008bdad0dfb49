"""What may be asked of webhooks."""

from __future__ import annotations

from collections.abc import Callable

import strawberry

from domain.commands import (
    ChangeWebhook,
    DisableWebhook,
    EnableWebhook,
    ManageWebhook,
    Redeliver,
    RemoveWebhook,
    ReplayWebhook,
)
from domain.errors import Refusal
from domain.webhook_service import WantedWebhook
from gql.context import Ask, Context
from gql.schema.ids import parse_webhook_id
from gql.schema.payloads import COMMAND_ID, POSITION, ThingInput, UserError, user_error
from gql.schema.scalars import Cursor
from gql.schema.webhooks import Webhook, webhook_from


@strawberry.input
class AddWebhookInput:
    url: str = strawberry.field(
        description="https or http; a public address, or one that the settings allow."
    )
    types: list[str] = strawberry.field(
        default_factory=list, description="Of the events to deliver; none: all of them."
    )
    description: str = ""
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.input(description="What is absent stays as it is.")
class ChangeWebhookInput(ThingInput):
    url: str | None = None
    types: list[str] | None = strawberry.field(
        default=None, description="Of the events to deliver; an empty list: all of them."
    )
    description: str | None = None


@strawberry.input
class EnableWebhookInput(ThingInput):
    pass


@strawberry.input
class DisableWebhookInput(ThingInput):
    pass


@strawberry.input
class RemoveWebhookInput(ThingInput):
    pass


@strawberry.input
class RedeliverInput(ThingInput):
    position: Cursor = strawberry.field(
        description="Of the event, as its delivery or the event itself tells."
    )


@strawberry.input
class ReplayWebhookInput(ThingInput):
    after: Cursor = strawberry.field(
        description="Where to go on behind: an earlier cursor repeats events, a later one leaves some out."
    )


@strawberry.type
class AddWebhookPayload:
    webhook: Webhook | None
    secret: str | None = strawberry.field(
        description="What deliveries are signed with by the Standard Webhooks specification. Keep it: it is "
        "shown here only."
    )
    position: Cursor | None = strawberry.field(description=POSITION)
    user_errors: list[UserError]


@strawberry.type
class WebhookPayload:
    webhook: Webhook | None = strawberry.field(description="null where it was removed.")
    position: Cursor | None = strawberry.field(description=POSITION)
    user_errors: list[UserError]


@strawberry.type
class WebhookMutations:
    @strawberry.mutation(description="Have an address told what happens from now on.")
    async def add_webhook(self, info: Ask, input: AddWebhookInput) -> AddWebhookPayload:  # noqa: A002
        context = info.context
        wanted = WantedWebhook(url=input.url, types=tuple(input.types), description=input.description)
        try:
            done, secret = await context.webhooks.add(context.caller, wanted, input.command_id)
        except Refusal as refusal:
            return AddWebhookPayload(
                webhook=None, secret=None, position=None, user_errors=[user_error(refusal)]
            )
        return AddWebhookPayload(
            webhook=await _webhook(context, done.webhook_id),
            secret=secret,
            position=Cursor(context.cursor(done.position)),
            user_errors=[],
        )

    @strawberry.mutation(description="Change the address, the types or the description.")
    async def change_webhook(self, info: Ask, input: ChangeWebhookInput) -> WebhookPayload:  # noqa: A002
        types = None if input.types is None else tuple(input.types)
        return await _change(
            info.context,
            input,
            lambda webhook_id: ChangeWebhook(
                webhook_id=webhook_id, url=input.url, types=types, description=input.description
            ),
        )

    @strawberry.mutation(description="Deliver again, from where deliveries stood.")
    async def enable_webhook(self, info: Ask, input: EnableWebhookInput) -> WebhookPayload:  # noqa: A002
        return await _change(info.context, input, lambda webhook_id: EnableWebhook(webhook_id=webhook_id))

    @strawberry.mutation(description="Deliver nothing until it is enabled again.")
    async def disable_webhook(self, info: Ask, input: DisableWebhookInput) -> WebhookPayload:  # noqa: A002
        return await _change(info.context, input, lambda webhook_id: DisableWebhook(webhook_id=webhook_id))

    @strawberry.mutation(description="Forget a webhook and its deliveries.")
    async def remove_webhook(self, info: Ask, input: RemoveWebhookInput) -> WebhookPayload:  # noqa: A002
        return await _change(info.context, input, lambda webhook_id: RemoveWebhook(webhook_id=webhook_id))

    @strawberry.mutation(
        description="Send one event once more, beside the others, under the same webhook-id."
    )
    async def redeliver(self, info: Ask, input: RedeliverInput) -> WebhookPayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda webhook_id: Redeliver(
                webhook_id=webhook_id, position=info.context.position(input.position, field="position")
            ),
        )

    @strawberry.mutation(description="Deliver from another place of the log on.")
    async def replay_webhook(self, info: Ask, input: ReplayWebhookInput) -> WebhookPayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda webhook_id: ReplayWebhook(
                webhook_id=webhook_id, after=info.context.position(input.after, field="after")
            ),
        )


async def _change(
    context: Context, asked: ThingInput, command: Callable[[str], ManageWebhook]
) -> WebhookPayload:
    try:
        done = await context.webhooks.change(
            context.caller, command(parse_webhook_id(asked.id)), asked.expected_version, asked.command_id
        )
    except Refusal as refusal:
        return WebhookPayload(webhook=None, position=None, user_errors=[user_error(refusal)])
    return WebhookPayload(
        webhook=await _webhook(context, done.webhook_id),
        position=Cursor(context.cursor(done.position)),
        user_errors=[],
    )


async def _webhook(context: Context, webhook_id: str) -> Webhook | None:
    found = await context.known_webhooks.find(context.caller.owner, webhook_id)
    return None if found is None else webhook_from(found, context)
