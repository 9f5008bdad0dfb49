"""Bulk operations, and how far they are."""

from __future__ import annotations

import strawberry

from domain.events import BulkAction
from domain.ports.views import OperationState, OperationView
from gql.context import Context
from gql.schema.ids import operation_global_id
from gql.schema.image import Node
from gql.schema.scalars import Cursor, DateTime

strawberry.enum(BulkAction, description="What a bulk operation does to each image.")
strawberry.enum(OperationState, description="How far a bulk operation is.")


@strawberry.type(description="The same change of many images.")
class BulkOperation(Node):
    action: BulkAction
    state: OperationState
    total: int = strawberry.field(description="How many images were selected.")
    changed: int
    unchanged: int = strawberry.field(description="Images that were as asked already.")
    refused: int = strawberry.field(description="Images of which it could not be done, deleted ones mostly.")
    failed: int = strawberry.field(description="Images that a replay could not render.")
    undoes: strawberry.ID | None = strawberry.field(description="The operation whose changes it takes back.")
    started_at: DateTime
    started_by: str
    as_of: Cursor = strawberry.field(description="What this answer has seen of the log.")


def operation_from(view: OperationView, as_of: int, context: Context) -> BulkOperation:
    return BulkOperation(
        id=strawberry.ID(operation_global_id(view.operation_id)),
        action=view.action,
        state=view.state,
        total=view.total,
        changed=view.changed,
        unchanged=view.unchanged,
        refused=view.refused,
        failed=view.failed,
        undoes=strawberry.ID(operation_global_id(view.undoes)) if view.undoes else None,
        started_at=DateTime(view.started_at),
        started_by=view.started_by,
        as_of=Cursor(context.cursor(as_of)),
    )
