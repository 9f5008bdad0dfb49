"""Webhooks and what was delivered to them."""

from __future__ import annotations

import strawberry

from domain.events import DisableReason
from domain.paging import page_size
from domain.ports.webhooks import DeliveryFailure, DeliveryView, WebhookView
from gql.context import Ask, Context
from gql.schema.ids import parse_webhook_id, webhook_global_id
from gql.schema.image import Node
from gql.schema.numbered import numbered_cursor, numbered_page, parse_numbered
from gql.schema.pages import PageInfo
from gql.schema.scalars import Cursor, DateTime

strawberry.enum(
    DisableReason,
    name="WebhookDisableReason",
    description="ASKED: by a mutation. GONE: its receiver answered 410. FAILING: a day of attempts in vain.",
)
strawberry.enum(DeliveryFailure, name="WebhookDeliveryFailure", description="Why a receiver gave no answer.")


@strawberry.type(description="One request that was made to a receiver.")
class WebhookDelivery:
    position: Cursor = strawberry.field(description="Of the event that was sent.")
    attempt: int = strawberry.field(description="Counted from 1; 0 for what `redeliver` asked for.")
    attempted_at: DateTime
    duration: int = strawberry.field(description="In milliseconds.")
    delivered: bool = strawberry.field(description="The receiver answered with 2xx.")
    status: int | None = strawberry.field(description="Of the answer, if there was one.")
    failure: DeliveryFailure | None


@strawberry.type
class WebhookDeliveryEdge:
    cursor: str
    node: WebhookDelivery


@strawberry.type(description="A page of deliveries, the latest first. Some 10,000 of 30 days are kept.")
class WebhookDeliveryConnection:
    edges: list[WebhookDeliveryEdge]
    page_info: PageInfo

    @strawberry.field(description="The deliveries without their cursors.")
    def nodes(self) -> list[WebhookDelivery]:
        return [edge.node for edge in self.edges]


@strawberry.type(description="An address that is told what happens, in order and at least once.")
class Webhook(Node):
    url: str
    description: str
    types: list[str] = strawberry.field(description="Of the events that are delivered; none: all of them.")
    enabled: bool
    disabled_because: DisableReason | None = strawberry.field(description="null while it is enabled.")
    version: int = strawberry.field(description="Counts the changes; give it as expectedVersion.")
    added_at: DateTime
    added_by: str
    delivered: Cursor = strawberry.field(description="Up to here nothing is left to deliver.")
    attempts: int = strawberry.field(description="How often the event behind that was tried in vain.")
    next_attempt_at: DateTime | None = strawberry.field(description="When it is tried again, if it failed.")
    key: strawberry.Private[str]

    @strawberry.field(description="The requests that were made.")
    async def deliveries(
        self, info: Ask, first: int | None = None, after: str | None = None
    ) -> WebhookDeliveryConnection:
        limit, _ = page_size(first, None)
        before = None if after is None else parse_numbered(after, "delivery")
        found = await info.context.known_webhooks.deliveries(self.key, before, limit + 1)
        edges = [
            WebhookDeliveryEdge(
                cursor=numbered_cursor("delivery", view.number), node=_delivery(view, info.context)
            )
            for view in found[:limit]
        ]
        page_info = numbered_page([edge.cursor for edge in edges], len(found) > limit, before is not None)
        return WebhookDeliveryConnection(edges=edges, page_info=page_info)


@strawberry.type
class WebhookEdge:
    cursor: str
    node: Webhook


@strawberry.type(description="A page of webhooks, the oldest first.")
class WebhookConnection:
    edges: list[WebhookEdge]
    page_info: PageInfo

    @strawberry.field(description="The webhooks without their cursors.")
    def nodes(self) -> list[Webhook]:
        return [edge.node for edge in self.edges]


@strawberry.type
class WebhookQueries:
    @strawberry.field(description="Your webhooks by pages, the oldest first. There are at most 100.")
    async def webhooks(
        self, info: Ask, first: int | None = None, after: str | None = None
    ) -> WebhookConnection:
        context = info.context
        limit, _ = page_size(first, None)
        behind = 0 if after is None else parse_numbered(after, "webhook")
        found = [
            view for view in await context.known_webhooks.all(context.caller.owner) if view.position > behind
        ]
        edges = [
            WebhookEdge(cursor=numbered_cursor("webhook", view.position), node=webhook_from(view, context))
            for view in found[:limit]
        ]
        page_info = numbered_page([edge.cursor for edge in edges], len(found) > limit, behind > 0)
        return WebhookConnection(edges=edges, page_info=page_info)

    @strawberry.field(description="One webhook; null where there is no such webhook.")
    async def webhook(self, info: Ask, id: strawberry.ID) -> Webhook | None:  # noqa: A002
        return await find_webhook(info.context, id)


async def find_webhook(context: Context, global_id: str) -> Webhook | None:
    """Raises InvalidId."""
    found = await context.known_webhooks.find(context.caller.owner, parse_webhook_id(global_id))
    return None if found is None else webhook_from(found, context)


def webhook_from(view: WebhookView, context: Context) -> Webhook:
    return Webhook(
        id=strawberry.ID(webhook_global_id(view.webhook_id)),
        url=view.url,
        description=view.description,
        types=list(view.types),
        enabled=view.disabled is None,
        disabled_because=view.disabled,
        version=view.version,
        added_at=DateTime(view.added_at),
        added_by=view.added_by,
        delivered=Cursor(context.cursor(view.delivered)),
        attempts=view.attempts,
        next_attempt_at=None if view.next_attempt_at is None else DateTime(view.next_attempt_at),
        key=view.webhook_id,
    )


def _delivery(view: DeliveryView, context: Context) -> WebhookDelivery:
    return WebhookDelivery(
        position=Cursor(context.cursor(view.position)),
        attempt=view.attempt,
        attempted_at=DateTime(view.at),
        duration=view.duration,
        delivered=view.status is not None and 200 <= view.status < 300,
        status=view.status,
        failure=view.failure,
    )
