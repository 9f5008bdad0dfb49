"""What may be asked to change."""

from __future__ import annotations

import strawberry

from gql.schema.album_mutations import AlbumMutations
from gql.schema.image_mutations import ImageMutations
from gql.schema.operation_mutations import OperationMutations
from gql.schema.preset_mutations import PresetMutations
from gql.schema.rendition_mutations import RenditionMutations
from gql.schema.webhook_mutations import WebhookMutations


@strawberry.type
class Mutation(
    ImageMutations,
    RenditionMutations,
    PresetMutations,
    AlbumMutations,
    OperationMutations,
    WebhookMutations,
):
    pass
