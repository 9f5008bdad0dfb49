"""The GraphQL schema."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from gql.schema.events import EVENT_TYPES
from gql.schema.image import Rendition
from gql.schema.mutation import Mutation
from gql.schema.query import Query
from gql.schema.scalars import SCALARS
from gql.schema.subscription import Subscription
from gql.upload import UploadedFile, upload_scalar


def build_schema() -> strawberry.Schema:
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Rendition, *EVENT_TYPES],
        config=StrawberryConfig(scalar_map={**SCALARS, UploadedFile: upload_scalar()}),
    )
