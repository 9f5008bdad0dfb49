"""The schema: checked in, compatible with what was, and by the names that programs rely on."""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

import pytest
from graphql import (
    BreakingChange,
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    find_schema_changes,
    is_scalar_type,
    is_specified_scalar_type,
    parse,
    validate,
)

from gql.schema import build_schema as build_our_schema
from gql.schema.catalogue import operation_catalogue

CHECKED_IN: Final = Path(__file__).parents[2] / "schema.graphql"

UPLOAD: Final = """
mutation ($file: Upload!, $presets: [String!], $commandId: ID) {
  uploadImage(input: {
    file: $file, name: "beach.jpg", description: "The sea.", tags: ["sea"],
    presets: $presets, commandId: $commandId
  }) {
    image { id }
    duplicate
    position
    userErrors { code message field }
  }
}
"""

CHANGES: Final = """
mutation ($id: ID!, $commandId: ID, $version: Int, $name: String, $tags: [String!]) {
  describeImage(input: {
    id: $id, name: $name, description: "The sea.", tags: $tags,
    commandId: $commandId, expectedVersion: $version
  }) { ...payload }
  deleteImage(input: {id: $id, commandId: $commandId, expectedVersion: $version}) { ...payload }
  restoreImage(input: {id: $id, commandId: $commandId, expectedVersion: $version}) { ...payload }
}
fragment payload on ImagePayload { image { id } position userErrors { code message field } }
"""

EDITS: Final = """
mutation ($id: ID!, $commandId: ID, $version: Int, $steps: [StepInput!]!, $step: StepInput!) {
  tagImage(input: {id: $id, tags: ["sea"], source: EXIF}) { ...payload }
  untagImage(input: {id: $id, tags: ["sea"], source: MACHINE}) { ...payload }
  setRecipe(input: {id: $id, steps: $steps}) { ...payload }
  appendSteps(input: {id: $id, steps: [{grayscale: {}}]}) { ...payload }
  insertSteps(input: {id: $id, steps: $steps, index: 0}) { ...payload }
  replaceStep(input: {id: $id, number: 1, step: $step}) { ...payload }
  moveStep(input: {id: $id, number: 1, index: 0}) { ...payload }
  disableStep(input: {id: $id, number: 1}) { ...payload }
  enableStep(input: {id: $id, number: 1}) { ...payload }
  removeStep(input: {id: $id, number: 1}) { ...payload }
  undoImage(input: {id: $id, commandId: $commandId, expectedVersion: $version}) { ...payload }
  redoImage(input: {id: $id}) { ...payload }
  revertImage(input: {id: $id, version: 1}) { ...payload }
  purgeImage(input: {id: $id}) { ...payload }
}
fragment payload on ImagePayload { image { id } userErrors { code message field currentVersion } }
"""

ALBUMS: Final = """
mutation ($id: ID!, $images: [ID!]!) {
  createAlbum(input: {name: "Trip", description: "May", commandId: "c"}) { ...payload }
  describeAlbum(input: {id: $id, name: "Trip", description: "May"}) { ...payload }
  addToAlbum(input: {id: $id, images: $images, index: 0}) { ...payload }
  removeFromAlbum(input: {id: $id, images: $images}) { ...payload }
  moveInAlbum(input: {id: $id, images: $images, index: 0}) { ...payload }
  undoAlbum(input: {id: $id}) { ...payload }
  redoAlbum(input: {id: $id}) { ...payload }
  revertAlbum(input: {id: $id, version: 1}) { ...payload }
  deleteAlbum(input: {id: $id}) { ...payload }
  restoreAlbum(input: {id: $id, expectedVersion: 1, commandId: "c"}) { ...payload }
  purgeAlbum(input: {id: $id}) { ...payload }
}
fragment payload on AlbumPayload {
  album { id } position userErrors { code message field currentVersion }
}
"""

ALBUM: Final = """
query ($id: ID!, $asOf: AsOf) {
  album(id: $id, asOf: $asOf) {
    id name description state version createdAt createdBy size asOf
    images(first: 1, after: "x") { edges { cursor node { id } } nodes { id } pageInfo { endCursor } asOf }
    history(last: 1) { nodes { type } }
  }
  albums(first: 1, after: "x", deleted: null, asOf: $asOf) {
    edges { cursor node { id } } nodes { id } pageInfo { hasNextPage } asOf
  }
}
"""

OPERATION: Final = """
query ($id: ID!) {
  operation(id: $id) {
    id action state total changed unchanged refused undoes startedAt startedBy asOf
  }
}
"""

OPERATIONS: Final = """
mutation ($ids: [ID!]!, $id: ID!, $steps: [StepInput!]!) {
  tagImages(input: {images: {ids: $ids}, tags: ["sea"], commandId: "c"}) { ...payload }
  untagImages(input: {images: {filter: {tags: ["sea"]}}, tags: ["sea"]}) { ...payload }
  setRecipes(input: {images: {ids: $ids}, steps: $steps}) { ...payload }
  deleteImages(input: {images: {ids: $ids}}) { ...payload }
  restoreImages(input: {images: {filter: {deleted: true}}}) { ...payload }
  purgeImages(input: {images: {ids: $ids}}) { ...payload }
  undoOperation(input: {id: $id, commandId: "c"}) { ...payload }
  cancelOperation(input: {id: $id}) { ...payload }
  eraseOwner(input: {owner: "local"}) { ...payload }
}
fragment payload on OperationPayload { operation { id state } position userErrors { code message field } }
"""

PAST: Final = """
query ($id: ID!, $cursor: Cursor!, $time: DateTime!) {
  image(id: $id, asOf: {cursor: $cursor}) {
    descriptionSource tagSources { text source }
    recipe { hash steps { number operation parameters enabled } }
    history(first: 1, after: "v1") {
      edges { cursor node { type } } pageInfo { hasNextPage } totalCount
      nodes { ... on ImageReverted { why versions } ... on RecipeChanged { change steps } }
    }
  }
  images(asOf: {time: $time}) { totalCount }
  node(id: $id, asOf: {time: $time}) { id }
}
"""

IMAGE: Final = """
query ($id: ID!, $preset: String!) {
  image(id: $id) {
    id name description tags state version uploadedAt uploadedBy
    original { url byteSize mediaType width height sha256 }
    renditions { ...rendition }
    rendition(preset: $preset) { ...rendition }
    asOf
  }
  node(id: $id) { id ... on Image { name } ... on Rendition { preset } }
}
fragment rendition on Rendition {
  id preset state url width height byteSize mediaType failure { code message }
}
"""

IMAGES: Final = """
query ($first: Int, $after: String, $last: Int, $before: String, $order: ImageOrder, $when: DateTime) {
  images(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: {
    width: {lt: 1, lte: 1, gt: 1, gte: 1, eq: 1}
    height: {lt: 1, lte: 1, gt: 1, gte: 1, eq: 1}
    byteSize: {lt: 1, lte: 1, gt: 1, gte: 1, eq: 1}
    uploadedAt: {lt: $when, lte: $when, gt: $when, gte: $when, eq: $when}
    mediaType: ["image/png"], text: "sea", tags: ["sea"], deleted: null
  }) {
    edges { cursor node { id } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
    asOf
  }
  byWidth: images(orderBy: {field: WIDTH, direction: ASC}) { asOf }
}
"""

CATALOGUE: Final = """
{
  operations {
    name inputField description takesRegion
    parameters { name inputField type description unit required default neutral minimum maximum choices }
  }
  presets { name description steps { operation parameters } mediaType quality }
}
"""

RENDITION: Final = """
mutation ($input: RequestRenditionInput!) {
  requestRendition(input: $input) {
    rendition { id preset state url explain {
      originalSha256 preset presetVersion recipe { own steps { operation parameters region } }
      output { mediaType quality lossless background }
      engine codecs { name version } startedAt finishedAt attempts
    } }
    image { id }
    position
    userErrors { code message field }
  }
}
"""

PRESETS: Final = """
query ($asOf: AsOf) {
  presets(asOf: $asOf) {
    name description version shownVersion asOf steps { operation parameters region }
    mediaType opaqueMediaType quality lossless background
  }
}
"""

REPLAY: Final = """
query ($name: String!) {
  presetReplay(name: $name, sample: 3) {
    preset { version shownVersion } total toRender there deleted quarantined
    sample { image { id allRenditions { id preset } } before after }
  }
}
"""

PRESET_CHANGES: Final = """
mutation (
  $save: SavePresetInput!, $replay: ReplayPresetInput!, $back: RollBackPresetInput!,
  $remove: RemovePresetInput!
) {
  savePreset(input: $save) { preset { name version } position userErrors { code message field } }
  replayPreset(input: $replay) { operation { id failed } position userErrors { code message field } }
  rollBackPreset(input: $back) { preset { version shownVersion } userErrors { code message field } }
  removePreset(input: $remove) { preset { name } position userErrors { code message field } }
}
"""

EVENTS: Final = """
subscription ($after: Cursor, $filter: EventFilter) {
  events(after: $after, filter: $filter) {
    cursor
    ... on Event { eventId type recordedAt actor commandId operationId }
    ... on ImageEvent { imageId image { id } }
    ... on RenderingEvent { rendition { id } }
    ... on RenderingFailed { failure { code message } }
  }
}
"""

SETTLED: Final = """
subscription ($imageId: ID, $after: Cursor) {
  renditionSettled(imageId: $imageId, after: $after) {
    cursor
    rendition { id state url failure { code message } }
  }
}
"""

CHANGED: Final = """
subscription ($id: ID!, $after: Cursor) { imageChanged(id: $id, after: $after) { cursor image { id } } }
"""

WEBHOOKS: Final = """
query ($id: ID!, $first: Int, $after: String) {
  webhooks(first: $first, after: $after) {
    edges { cursor node { id } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
  webhook(id: $id) {
    id url description types enabled disabledBecause version addedAt addedBy
    delivered attempts nextAttemptAt
    deliveries(first: $first, after: $after) {
      edges { cursor node { position } }
      nodes { position attempt attemptedAt duration delivered status failure }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

WEBHOOK_CHANGES: Final = """
mutation (
  $add: AddWebhookInput!, $change: ChangeWebhookInput!, $enable: EnableWebhookInput!,
  $disable: DisableWebhookInput!, $remove: RemoveWebhookInput!, $redeliver: RedeliverInput!,
  $replay: ReplayWebhookInput!
) {
  addWebhook(input: $add) { webhook { id } secret position userErrors { code message field } }
  changeWebhook(input: $change) { ...payload }
  enableWebhook(input: $enable) { ...payload }
  disableWebhook(input: $disable) { ...payload }
  removeWebhook(input: $remove) { ...payload }
  redeliver(input: $redeliver) { ...payload }
  replayWebhook(input: $replay) { ...payload }
}
fragment payload on WebhookPayload { webhook { id } position userErrors { code message field } }
"""

FINDINGS: Final = """
query ($id: ID!, $since: DateTime!) {
  image(id: $id) {
    examined takenAt placeholder pixelHash perceptualHash
    camera { make model lensMake lens }
    location { latitude longitude altitude at }
    metadata {
      takenAt utcOffset digitizedAt modifiedAt fNumber exposureTime iso focalLength focalLength35mm
      exposureProgram exposureBias meteringMode flash whiteBalance orientation colorSpace software artist
      copyright description
    }
    samePixels(first: 10) { id }
  }
  nearDuplicates(id: $id, maxDistance: 8, first: 10) { distance image { id } }
  images(filter: {takenAt: {gte: $since}, camera: "leica"}, orderBy: {field: TAKEN_AT}) { nodes { id } }
}
"""

DOCUMENTS: Final = {
    "findings": FINDINGS,
    "webhooks": WEBHOOKS,
    "webhook changes": WEBHOOK_CHANGES,
    "upload": UPLOAD,
    "changes": CHANGES,
    "edits": EDITS,
    "albums": ALBUMS,
    "album": ALBUM,
    "operation": OPERATION,
    "operations": OPERATIONS,
    "past": PAST,
    "image": IMAGE,
    "images": IMAGES,
    "catalogue": CATALOGUE,
    "events": EVENTS,
    "rendition": RENDITION,
    "presets": PRESETS,
    "replay": REPLAY,
    "preset changes": PRESET_CHANGES,
    "settled": SETTLED,
    "changed": CHANGED,
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(build_our_schema().as_str())


@pytest.fixture(scope="module")
def checked_in() -> GraphQLSchema:
    return build_schema(CHECKED_IN.read_text())


def _breaking(old: GraphQLSchema, new: GraphQLSchema) -> list[str]:
    changes = find_schema_changes(old, new)
    return [change.description for change in changes if isinstance(change, BreakingChange)]


def test_the_schema_breaks_no_program_that_relies_on_the_one_checked_in(
    checked_in: GraphQLSchema, schema: GraphQLSchema
) -> None:
    """Fields and arguments come, but do not go, and nothing that was optional is required."""
    assert _breaking(checked_in, schema) == []


def test_the_schema_is_the_one_checked_in() -> None:
    """So that a reader of a change sees what becomes of it."""
    assert f"{build_our_schema().as_str()}\n" == CHECKED_IN.read_text(), "Run `make schema`."


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_name_that_programs_rely_on_is_there(document: str, schema: GraphQLSchema) -> None:
    """With the types of its variables."""
    assert [error.message for error in validate(schema, parse(document))] == []


@pytest.mark.parametrize("root", ["query_type", "mutation_type", "subscription_type"])
def test_no_field_at_a_root_goes_without_a_program_that_uses_it(root: str, schema: GraphQLSchema) -> None:
    """A new one has to come into a document above."""
    used = "".join(DOCUMENTS.values())
    fields = getattr(schema, root).fields
    assert [name for name in fields if name not in used] == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("sha256: String!", "sha512: String!", "Original.sha256 was removed."),
        ("image(id: ID!, asOf", "image(id: ID!, at: Cursor!, asOf", "required"),
        ("  gte: Int = null\n", "", "IntRange.gte was removed."),
        ("renditionSettled(imageId: ID = null", "renditionSettled(imageId: ID!", "renditionSettled"),
    ],
)
def test_a_change_that_breaks_programs_is_found(
    before: str, after: str, told: str, checked_in: GraphQLSchema
) -> None:
    """So the check above does look."""
    text = CHECKED_IN.read_text()
    assert before in text
    (description,) = _breaking(checked_in, build_schema(text.replace(before, after)))
    assert told in description


def test_every_operation_names_the_fields_that_take_it(schema: GraphQLSchema) -> None:
    """So that a program can make a step of what the catalogue says."""
    steps = cast("GraphQLInputObjectType", schema.type_map["StepInput"]).fields
    for operation in operation_catalogue():
        taken = cast("GraphQLInputObjectType", steps[operation.input_field].type).fields
        expected = {parameter.input_field for parameter in operation.parameters}
        assert set(taken) == expected | ({"region"} if operation.takes_region else set())
    assert len(steps) == len(operation_catalogue())


def test_every_scalar_says_where_it_is_specified_but_the_opaque_one(schema: GraphQLSchema) -> None:
    """Those of GraphQL itself need not."""
    own = [
        kind
        for kind in schema.type_map.values()
        if is_scalar_type(kind) and not is_specified_scalar_type(kind)
    ]
    assert [kind.name for kind in own if kind.specified_by_url is None] == ["Cursor"]
    assert [kind.name for kind in own if not kind.description] == []
