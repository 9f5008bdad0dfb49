"""What every read model answers, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.album import album_stream
from domain.bulk import operation_stream
from domain.events import (
    AlbumCreated,
    AlbumDeleted,
    AlbumErased,
    AlbumEvent,
    AlbumImagesAdded,
    AlbumImagesMoved,
    AlbumImagesRemoved,
    AlbumPurged,
    AlbumReverted,
    BulkAction,
    Event,
    ExaminationEvent,
    ExaminationFailed,
    ExaminationStarted,
    ImageDeleted,
    ImageDescribed,
    ImageErased,
    ImageEvent,
    ImageExamined,
    ImagePurged,
    ImageQuarantined,
    ImageRenamed,
    ImageRestored,
    ImageReverted,
    ImageTagged,
    ImageUntagged,
    OperationCancelled,
    OperationEvent,
    OperationFinished,
    OperationProgressed,
    OperationStarted,
    PresetEvent,
    PresetRemoved,
    PresetReplayed,
    PresetRolledBack,
    PresetSaved,
    RecipeChange,
    RecipeChanged,
    RenderingEvent,
    RenderingFailed,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
    Return,
)
from domain.examination import examination_stream
from domain.header import ImageHeader, MediaType
from domain.image import image_stream
from domain.metadata import Location, Metadata
from domain.output import Output
from domain.paging import keyset
from domain.ports.log import EventLog, RecordedEvent
from domain.ports.pending import Erasable
from domain.ports.read_model import AlbumImagesQuery, AlbumQuery, ReadModel
from domain.ports.views import ImageState, ImageView, OperationState, RenditionState, ReplayFate
from domain.preset import preset_stream
from domain.presets import Preset
from domain.provenance import Source, Tag
from domain.quarantine import Quarantine
from domain.query import ImageFilter, ImageOrder, ImageQuery, Range, SortKey
from domain.recipe import Edit, Recipe, Step
from domain.rendering import rendering_stream
from infrastructure.memory.log import MemoryEventLog
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.readers import Readers
from infrastructure.sqlite.store import open_store
from tests.examples import ACTOR, OWNER, append, new_id, requested, uploaded

A, B, C = "a" * 32, "b" * 32, "c" * 32
RENDITION = "d" * 32
ALBUM, OPERATION = "8" * 32, "9" * 32


def stream_of(event: Event) -> str:
    if isinstance(event, RenderingEvent):
        return rendering_stream(event.image_id, event.rendition_id)
    if isinstance(event, ExaminationEvent):
        return examination_stream(event.image_id)
    if isinstance(event, AlbumEvent):
        return album_stream(event.album_id)
    if isinstance(event, PresetEvent):
        return preset_stream(event.preset_id)
    if isinstance(event, OperationEvent):
        return operation_stream(event.operation_id)
    assert isinstance(event, ImageEvent)
    return image_stream(event.image_id)


@dataclass(frozen=True)
class World:
    log: EventLog
    read_model: ReadModel

    async def happens(self, *events: Event, owner: str = OWNER, correlation_id: str = "") -> int:
        position = 0
        for event in events:
            command = append(stream_of(event), event, owner=owner)
            context = replace(command.context, correlation_id=correlation_id)
            position = (await self.log.append(replace(command, context=context))).position
        return position

    async def found(self, **wanted: Any) -> list[str]:  # noqa: ANN401
        query = ImageQuery(owner=OWNER, filter=ImageFilter(**wanted), limit=100)
        return sorted(view.image_id[0] for view in (await self.read_model.images(query)).value.images)

    async def image(self, image_id: str = A) -> ImageView:
        view = (await self.read_model.image(OWNER, image_id)).value
        assert view is not None
        return view


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "memory":
        read_model = MemoryReadModel()
        yield World(MemoryEventLog(read_model.fold), read_model)
    else:
        async with open_store(tmp_path) as store:
            yield World(store.log, store.read_model)


async def test_an_empty_read_model_has_seen_nothing(world: World) -> None:
    """It answers all the same."""
    assert (await world.read_model.image(OWNER, A)).as_of == 0
    assert (await world.read_model.images(ImageQuery(owner=OWNER))).value.images == ()
    assert await world.read_model.count(OWNER, ImageFilter()) == 0
    assert (await world.read_model.pending(10)).value == []


async def test_an_upload_is_shown_as_it_was_told(world: World) -> None:
    """A picture that lies on its side is shown upright, and measured so."""
    event = uploaded(A, orientation=6, width=640, height=480, tags=("Cat", "dog"), description="Ein Bär")
    position = await world.happens(event)
    snapshot = await world.read_model.image(OWNER, A)
    view = snapshot.value
    assert view is not None
    assert snapshot.as_of == view.position == position
    assert (view.width, view.height, view.orientation) == (480, 640, 6)
    assert (view.name, view.description, view.tags) == ("beach.jpg", "Ein Bär", (Tag("Cat"), Tag("dog")))
    assert (view.owner, view.uploaded_by, view.version) == (OWNER, ACTOR, 1)
    assert datetime.now(UTC) - view.uploaded_at < timedelta(minutes=1)
    assert view.state is ImageState.ACTIVE


async def test_every_event_shows(world: World) -> None:
    """And the version counts them."""
    await world.happens(
        uploaded(A, tags=("cat",)),
        ImageRenamed(image_id=A, name="new.jpg"),
        ImageDescribed(image_id=A, source=Source.PERSON, description="text"),
        ImageTagged(image_id=A, source=Source.PERSON, tags=("dog",)),
        ImageUntagged(image_id=A, source=Source.PERSON, tags=("cat",)),
        ImageDeleted(image_id=A),
    )
    view = await world.image()
    assert (view.name, view.description, view.tags, view.state) == (
        "new.jpg",
        "text",
        (Tag("dog"),),
        ImageState.DELETED,
    )
    assert view.version == 6
    await world.happens(ImageRestored(image_id=A))
    assert (await world.image()).state is ImageState.ACTIVE


async def test_nobody_sees_what_another_owns(world: World) -> None:
    """Neither alone nor in lists, counts or renditions."""
    await world.happens(uploaded(A), requested(A, RENDITION), owner="owner-2")
    assert (await world.read_model.image(OWNER, A)).value is None
    assert (await world.read_model.rendition(OWNER, A, RENDITION)).value is None
    assert await world.found(deleted=None) == []
    assert await world.read_model.count(OWNER, ImageFilter(deleted=None)) == 0


async def test_a_rendering_is_followed_to_its_end(world: World) -> None:
    """Pending, rendering, ready; what is ready has a size."""
    await world.happens(uploaded(A), requested(A, RENDITION))
    (rendition,) = (await world.image()).renditions
    assert (rendition.state, rendition.preset, rendition.width) == (RenditionState.PENDING, "thumbnail", None)
    await world.happens(RenderingStarted(image_id=A, rendition_id=RENDITION, attempt=1))
    (rendition,) = (await world.image()).renditions
    assert (rendition.state, rendition.attempts) == (RenditionState.RENDERING, 1)
    finished = RenderingFinished(
        image_id=A,
        rendition_id=RENDITION,
        sha256="e" * 64,
        byte_size=7,
        media_type=MediaType.WEBP,
        width=256,
        height=192,
    )
    position = await world.happens(finished)
    snapshot = await world.read_model.rendition(OWNER, A, RENDITION)
    assert snapshot.as_of == position
    assert snapshot.value is not None
    assert snapshot.value.state is RenditionState.READY
    assert (snapshot.value.width, snapshot.value.height, snapshot.value.byte_size) == (256, 192, 7)
    assert (await world.read_model.pending(10)).value == []


async def test_presets_are_shown_as_they_were_saved(world: World) -> None:
    """By name, each as it is or was, and to their owner alone."""
    first = PresetSaved(
        preset_id=B, name="web", recipe=Recipe((Step("grayscale"),)), quality=70, description="By Ada."
    )
    second = replace(first, recipe=Recipe(), media_type=MediaType.WEBP, quality=None, lossless=True)
    await world.happens(replace(first, preset_id=C), owner="owner-2")
    then = await world.happens(first)
    await world.happens(PresetSaved(preset_id=A, name="a-1", recipe=Recipe(), background="#ffffff"), second)

    async def presets(as_of: int | None = None) -> Sequence[Preset]:
        return (await world.read_model.presets(OWNER, as_of)).value

    assert await presets() == [
        Preset(name="a-1", description="", recipe=Recipe(), background="#ffffff", version=1, shown=1),
        Preset(
            name="web",
            description="By Ada.",
            recipe=Recipe(),
            media_type=MediaType.WEBP,
            lossless=True,
            version=2,
            shown=1,
        ),
    ]
    gray = Recipe((Step("grayscale"),))
    assert await presets(then) == [
        Preset(name="web", description="By Ada.", recipe=gray, quality=70, version=1, shown=1)
    ]
    assert await presets(then - 1) == []


async def test_what_is_personal_of_a_preset_goes_with_it(world: World) -> None:
    """Also where it is shown as of a moment at which it was there."""
    await world.happens(PresetSaved(preset_id=A, name="web", recipe=Recipe(), description="By Ada."))
    then = await world.happens(PresetSaved(preset_id=A, name="web", recipe=Recipe(), description="By Bob."))
    await world.happens(PresetRemoved(preset_id=A, name="web"))
    assert (await world.read_model.presets(OWNER)).value == []
    for position in (then - 1, then):
        (preset,) = (await world.read_model.presets(OWNER, position)).value
        assert (preset.name, preset.description) == ("web", "")


BY_GRAY, BY_SEPIA = Recipe((Step("grayscale"),)), Recipe((Step("sepia"),))
JPEG = Output(MediaType.JPEG, 85)


def saved(version: int, recipe: Recipe) -> PresetSaved:
    return PresetSaved(preset_id=C, name="web", recipe=recipe, version=version)


def asked(
    image_id: str, rendition_id: str, recipe: Recipe, version: int, preset: str = "web", engine: str = "1"
) -> RenderingRequested:
    """By a version of the preset."""
    event = replace(requested(image_id, rendition_id, preset), recipe=recipe, output=JPEG, engine=engine)
    return replace(event, preset_version=version)


REPLAYED = PresetReplayed(preset_id=C, name="web", version=2)


async def shown(world: World, image_id: str, as_of: int | None = None) -> str | None:
    """The rendition that is shown of the preset."""
    view = (await world.read_model.image(OWNER, image_id, as_of)).value
    made = view and view.shown("web")
    return made.rendition_id[0] if made else None


async def test_a_preset_is_switched_for_all_images_at_once(world: World) -> None:
    """To the version that was replayed, and back; any moment shows what was shown then."""
    await world.happens(saved(1, BY_GRAY), uploaded(A), asked(A, "1" * 32, BY_GRAY, 1))
    await world.happens(uploaded(B), asked(B, "1" * 32, BY_GRAY, 1), saved(2, BY_SEPIA))
    both = await world.happens(asked(A, "2" * 32, BY_SEPIA, 2), asked(B, "2" * 32, BY_SEPIA, 2))
    assert [await shown(world, A), await shown(world, B)] == ["1", "1"]
    switched = await world.happens(REPLAYED)
    assert [await shown(world, A), await shown(world, B)] == ["2", "2"]
    back = PresetRolledBack(preset_id=C, name="web", version=3, to=1)
    await world.happens(saved(3, BY_GRAY), back)
    assert [await shown(world, A), await shown(world, B)] == ["1", "1"]
    assert [await shown(world, A, both), await shown(world, A, switched)] == ["1", "2"]
    (preset,) = (await world.read_model.presets(OWNER)).value
    assert (preset.version, preset.shown) == (3, 3)
    (preset,) = (await world.read_model.presets(OWNER, switched)).value
    assert (preset.version, preset.shown) == (2, 2)


async def test_what_is_shown_of_a_preset_is_told_by_what_it_makes(world: World) -> None:
    """Not by names: the rendition may have been asked for by its steps, or by another preset."""
    await world.happens(saved(1, BY_GRAY), saved(2, BY_SEPIA), uploaded(A), asked(A, "1" * 32, BY_GRAY, 1))
    await world.happens(asked(A, "2" * 32, BY_SEPIA, 0, preset=""), REPLAYED)
    assert await shown(world, A) == "2"
    (made,) = (await world.image()).shown_renditions[:1]
    assert (made.rendition_id[0], made.preset) == ("2", "web")
    single = (await world.read_model.rendition(OWNER, A, "2" * 32)).value
    assert single is not None
    assert single.shown_as == ("web",)
    await world.happens(uploaded(B), asked(B, "3" * 32, BY_SEPIA, 0, preset=""))
    assert await shown(world, B) is None, "nobody has asked for it by the preset"


async def test_an_image_without_the_shown_version_shows_the_newest(world: World) -> None:
    """Uploaded since another version was saved; or the shown one is not ready, and another one is."""
    await world.happens(saved(1, BY_GRAY), saved(2, BY_SEPIA), uploaded(A), asked(A, "2" * 32, BY_SEPIA, 2))
    assert await shown(world, A) == "2"
    await world.happens(uploaded(B), asked(B, "1" * 32, BY_GRAY, 1), finished(B, "1" * 32))
    await world.happens(asked(B, "2" * 32, BY_SEPIA, 2))
    failed = RenderingFailed(image_id=B, rendition_id="2" * 32, code="X", message="Broken.")
    await world.happens(failed, REPLAYED)
    assert await shown(world, B) == "1"
    await world.happens(asked(B, "2" * 32, BY_SEPIA, 2))
    assert await shown(world, B) == "1", "it is tried again"
    await world.happens(finished(B, "2" * 32))
    assert await shown(world, B) == "2"


async def test_a_preset_that_is_gone_leaves_what_is_shown(world: World) -> None:
    """Until there is one of its name again."""
    await world.happens(saved(1, BY_GRAY), saved(2, BY_SEPIA), uploaded(A), asked(A, "1" * 32, BY_GRAY, 1))
    await world.happens(asked(A, "2" * 32, BY_SEPIA, 2), PresetRemoved(preset_id=C, name="web"))
    assert await shown(world, A) == "1"
    await world.happens(replace(saved(1, BY_SEPIA), preset_id=B))
    assert await shown(world, A) == "2"


async def test_a_replay_is_told_what_it_would_do(world: World) -> None:
    """Each image that has a rendition by the preset has one fate; the sample is of those to be rendered."""
    for image_id in (A, B, C, "e" * 32, "f" * 32, "0" * 32):
        await world.happens(uploaded(image_id), asked(image_id, "1" * 32, BY_GRAY, 1))
    await world.happens(uploaded("1" * 32), asked("1" * 32, "1" * 32, BY_SEPIA, 1, preset="other"))
    await world.happens(asked(A, "2" * 32, BY_SEPIA, 2), asked(B, "2" * 32, BY_SEPIA, 2, engine="0"))
    await world.happens(asked(C, "2" * 32, BY_SEPIA, 2))
    await world.happens(RenderingFailed(image_id=C, rendition_id="2" * 32, code="X", message="Broken."))
    await world.happens(ImageDeleted(image_id="e" * 32))
    then = await world.happens(ImageQuarantined(image_id="f" * 32, code="TOO_SLOW", message="Too slow."))
    preset = Preset(name="web", description="", recipe=BY_SEPIA)
    counts = await world.read_model.replay_counts(OWNER, preset, "1")
    assert counts.value == {
        ReplayFate.TO_RENDER: 3,
        ReplayFate.THERE: 1,
        ReplayFate.DELETED: 1,
        ReplayFate.QUARANTINED: 1,
    }
    assert counts.as_of == then
    sample = await world.read_model.replay_sample(OWNER, preset, "1", 2)
    assert [image.image_id[0] for image in sample] == ["0", "c"]
    assert await world.read_model.replay_sample("owner-2", preset, "1", 2) == []

    async def rendered_by(after: int, limit: int, as_of: int) -> str:
        found = await world.read_model.rendered_by(OWNER, "web", after, limit, as_of)
        return "".join(image_id[0] for _, image_id in found)

    assert await rendered_by(0, 9, then) == "abcef0"
    assert await rendered_by(1, 2, then) == "bc"
    assert await rendered_by(0, 9, 4) == "ab"
    assert await rendered_by(0, 9, 1) == await rendered_by(0, 9, 0) == ""
    await world.happens(ImagePurged(image_id="e" * 32))
    assert await rendered_by(0, 9, then) == "abcf0"


async def test_replays_are_apart_from_other_operations(world: World) -> None:
    """Whoever carries them out asks for no others."""
    await world.happens(OperationStarted(operation_id=OPERATION, action=BulkAction.TAG, total=1))
    await world.happens(OperationStarted(operation_id=A, action=BulkAction.REPLAY, total=1))
    counts = {"operation_id": A, "changed": 0, "unchanged": 0, "refused": 0, "failed": 7}
    await world.happens(OperationProgressed(**counts, through=3))  # type: ignore[arg-type]
    (replay,) = await world.read_model.running_operations(9, replays=True)
    (other,) = await world.read_model.running_operations(9, replays=False)
    assert (replay.operation_id, replay.failed, other.operation_id) == (A, 7, OPERATION)
    assert len(await world.read_model.running_operations(9)) == 2


async def test_a_failed_rendering_begins_anew_when_it_is_requested_again(world: World) -> None:
    """It waits, is the newest of its image and has no attempts; before that it had failed."""
    failed = RenderingFailed(image_id=A, rendition_id=RENDITION, code="X", message="Broken.")
    begun = RenderingStarted(image_id=A, rendition_id=RENDITION, attempt=3)
    other = requested(A, "f" * 32)
    before = await world.happens(uploaded(A), requested(A, RENDITION), begun, failed, other)
    await world.happens(requested(A, RENDITION))
    states = [(made.rendition_id, made.state, made.attempts) for made in (await world.image()).renditions]
    assert states == [("f" * 32, RenditionState.PENDING, 0), (RENDITION, RenditionState.PENDING, 0)]
    then = (await world.read_model.image(OWNER, A, before)).value
    assert then is not None
    assert [(made.state, made.failure_code) for made in then.renditions] == [
        (RenditionState.FAILED, "X"),
        (RenditionState.PENDING, None),
    ]
    waiting = {each.rendition_id: each for each in (await world.read_model.pending(9)).value}
    assert (waiting[RENDITION].attempts, waiting[RENDITION].version) == (0, 4)
    await world.happens(RenderingStarted(image_id=A, rendition_id=RENDITION, attempt=1))
    rendition = (await world.read_model.rendition(OWNER, A, RENDITION)).value
    assert rendition is not None
    assert (rendition.state, rendition.failure_code) == (RenditionState.RENDERING, None)


async def test_a_failure_says_why(world: World) -> None:
    """Code and message stand at the rendition."""
    failed = RenderingFailed(image_id=A, rendition_id=RENDITION, code="DAMAGED_FILE", message="Broken.")
    await world.happens(uploaded(A), requested(A, RENDITION), failed)
    (rendition,) = (await world.image()).renditions
    assert rendition.state is RenditionState.FAILED
    assert (rendition.failure_code, rendition.failure_message) == ("DAMAGED_FILE", "Broken.")


async def test_a_quarantine_says_why(world: World) -> None:
    """From the position on at which it began, to those who look and to those who would render."""
    before = await world.happens(uploaded(A), requested(A, RENDITION))
    await world.happens(ImageQuarantined(image_id=A, code="TOO_SLOW", message="Too slow."))
    image = await world.image()
    assert image.quarantine == Quarantine("TOO_SLOW", "Too slow.")
    assert image.version == 2
    (pending,) = (await world.read_model.pending(10)).value
    assert pending.quarantine == image.quarantine
    then = (await world.read_model.image(OWNER, A, as_of=before)).value
    assert then is not None
    assert (then.quarantine, then.version) == (None, 1)


async def test_all_images_of_an_original_are_found(world: World) -> None:
    """Whoever's they are, deleted or not; none that is purged."""
    await world.happens(uploaded(A), uploaded(B, sha256="f" * 64))
    await world.happens(uploaded(C, sha256="f" * 64), ImageDeleted(image_id=C), owner="owner-2")
    await world.happens(uploaded("5" * 32, sha256="f" * 64), ImagePurged(image_id="5" * 32), owner="owner-3")
    assert await world.read_model.images_of("f" * 64) == [B, C]
    assert await world.read_model.images_of("e" * 64) == []


async def test_pending_renderings_come_with_all_that_they_need(world: World) -> None:
    """The oldest first, except of images that are in work; the header as it was stored."""
    await world.happens(
        uploaded(A, orientation=8), requested(A, RENDITION), uploaded(B), requested(B, RENDITION)
    )
    await world.happens(RenderingStarted(image_id=A, rendition_id=RENDITION, attempt=1))
    one, two = (await world.read_model.pending(10)).value
    assert (one.image_id, one.attempts, one.version) == (A, 1, 2)
    assert (two.image_id, two.attempts, two.version) == (B, 0, 1)
    assert one.header == ImageHeader(MediaType.JPEG, 640, 480, 1, 8)
    assert (one.original, one.byte_size) == ((A * 2)[:64], 1000)
    assert (one.recipe, one.output) == (requested(A).recipe, requested(A).output)
    assert [p.image_id for p in (await world.read_model.pending(1)).value] == [A]
    assert [p.image_id for p in (await world.read_model.pending(10, frozenset({A}))).value] == [B]


@pytest.fixture
async def gallery(world: World) -> World:
    await world.happens(
        uploaded(
            A, width=100, height=50, byte_size=10, name="Anna.png", tags=("Cat",), media_type="image/png"
        ),
        uploaded(B, width=200, height=100, byte_size=20, name="beach.jpg", tags=("cat", "sea")),
        uploaded(C, width=300, height=30, byte_size=30, name="Ünal 50% _x.jpg", description='He said "hi"'),
    )
    return world


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "abc"),
        ({"width": Range(lt=200)}, "a"),
        ({"width": Range(lte=200)}, "ab"),
        ({"width": Range(gt=200)}, "c"),
        ({"width": Range(gte=200)}, "bc"),
        ({"width": Range(eq=200)}, "b"),
        ({"width": Range(gt=100, lt=300), "height": Range(gte=100)}, "b"),
        ({"height": Range(lt=50)}, "c"),
        ({"byte_size": Range(gt=10, lte=30)}, "bc"),
        ({"media_types": (MediaType.PNG,)}, "a"),
        ({"media_types": (MediaType.PNG, MediaType.JPEG)}, "abc"),
        ({"media_types": ()}, ""),
        ({"tags": ("CAT",)}, "ab"),
        ({"tags": ("cat", "sea")}, "b"),
        ({"tags": ("nothing",)}, ""),
        ({"text": "BEACH"}, "b"),
        ({"text": "each"}, "b"),
        ({"text": "ünal"}, "c"),
        ({"text": "an"}, "a"),
        ({"text": "cat beach"}, "b"),
        ({"text": "sea"}, "b"),
        ({"text": "50%"}, "c"),
        ({"text": "_x"}, "c"),
        ({"text": '"hi"'}, "c"),
        ({"text": "NEAR OR AND"}, ""),
        ({"text": "  "}, "abc"),
        ({"uploaded_at": Range(lt=datetime(2000, 1, 1, tzinfo=UTC))}, ""),
        ({"uploaded_at": Range(gt=datetime(2000, 1, 1, tzinfo=UTC))}, "abc"),
        ({"deleted": True}, ""),
    ],
)
async def test_filters_find_what_they_say(gallery: World, wanted: dict[str, Any], found: str) -> None:
    """And counting finds as many."""
    assert await gallery.found(**wanted) == list(found)
    assert await gallery.read_model.count(OWNER, ImageFilter(**wanted)) == len(found)


async def test_deleted_images_are_apart(gallery: World) -> None:
    """In the ordinary list they are not, in their own they are alone, and they can be asked for with all."""
    await gallery.happens(ImageDeleted(image_id=B))
    assert await gallery.found() == ["a", "c"]
    assert await gallery.found(deleted=True) == ["b"]
    assert await gallery.found(deleted=None) == ["a", "b", "c"]


async def test_what_was_changed_is_found_by_what_it_is_now(gallery: World) -> None:
    """Not by what it was."""
    await gallery.happens(
        ImageRenamed(image_id=B, name="mountain.jpg"),
        ImageUntagged(image_id=B, source=Source.PERSON, tags=("cat",)),
        ImageTagged(image_id=C, source=Source.PERSON, tags=("Cat",)),
    )
    assert await gallery.found(text="beach") == []
    assert await gallery.found(text="mountain") == ["b"]
    assert await gallery.found(tags=("cat",)) == ["a", "c"]


@pytest.mark.parametrize("key", list(SortKey))
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_in_any_order_show_each_image_once(
    world: World, key: SortKey, *, descending: bool
) -> None:
    """Forwards and backwards, with many equal values, while images come and go."""
    ids = [new_id() for _ in range(23)]
    for n, image_id in enumerate(ids):
        await world.happens(uploaded(image_id, width=n % 3 + 1, name=f"{n % 4}", byte_size=n % 2 + 1))
    query = ImageQuery(owner=OWNER, order=ImageOrder(key, descending), limit=5)
    whole = (await world.read_model.images(replace(query, limit=100))).value
    assert not whole.has_next
    expected = [view.image_id for view in whole.images]
    assert sorted(expected) == sorted(ids)

    forwards: list[ImageView] = []
    page = (await world.read_model.images(query)).value
    while True:
        forwards.extend(page.images)
        if not page.has_next:
            break
        page = (await world.read_model.images(replace(query, after=keyset(forwards[-1], query.order)))).value
        assert page.has_previous
    assert [view.image_id for view in forwards] == expected

    backwards: list[ImageView] = []
    back = replace(query, backward=True)
    page = (await world.read_model.images(back)).value
    while True:
        backwards[:0] = page.images
        if not page.has_previous:
            break
        page = (await world.read_model.images(replace(back, before=keyset(backwards[0], query.order)))).value
        assert page.has_next
    assert [view.image_id for view in backwards] == expected


GRAY = Step("grayscale")


def recipe_changed(image_id: str, *edits: Edit) -> RecipeChanged:
    numbers = tuple(edit.number for edit in edits)
    return RecipeChanged(image_id=image_id, change=RecipeChange.SET, numbers=numbers, edits=edits)


def finished(image_id: str, rendition_id: str, sha256: str = "e" * 64) -> RenderingFinished:
    return RenderingFinished(
        image_id=image_id,
        rendition_id=rendition_id,
        sha256=sha256,
        byte_size=7,
        media_type=MediaType.WEBP,
        width=256,
        height=192,
    )


async def test_the_highest_source_describes(world: World) -> None:
    """What a machine says stands back, and is found by neither name nor word, until nobody else speaks."""
    await world.happens(
        uploaded(A),
        ImageDescribed(image_id=A, source=Source.MACHINE, description="a boat"),
        ImageTagged(image_id=A, source=Source.MACHINE, tags=("boat",)),
    )
    view = await world.image()
    assert (view.description, view.description_source) == ("a boat", Source.MACHINE)
    assert view.tags == (Tag("boat", Source.MACHINE),)
    position = await world.happens(
        ImageDescribed(image_id=A, source=Source.PERSON, description="a ship"),
        ImageUntagged(image_id=A, source=Source.PERSON, tags=("boat",)),
    )
    view = await world.image()
    assert (view.description, view.description_source) == ("a ship", Source.PERSON)
    assert (view.tags, view.changed_at) == ((), position)
    assert await world.found(text="boat") == await world.found(tags=("boat",)) == []
    assert await world.found(text="ship") == ["a"]


async def test_renditions_are_those_of_the_recipe_as_it_stands(world: World) -> None:
    """Another recipe has others; going back shows the former ones again. Steps switched off do not count."""
    gray = replace(requested(A, "f" * 32), recipe=Recipe((GRAY, *requested(A).recipe.steps)), edits=1)
    await world.happens(uploaded(A), requested(A, RENDITION))
    await world.happens(recipe_changed(A, Edit(1, GRAY)), gray)
    view = await world.image()
    assert view.edits == (Edit(1, GRAY),)
    assert [rendition.rendition_id for rendition in view.renditions] == ["f" * 32]
    await world.happens(recipe_changed(A, Edit(1, GRAY, enabled=False)))
    assert [rendition.rendition_id for rendition in (await world.image()).renditions] == [RENDITION]
    reverted = ImageReverted(image_id=A, why=Return.UNDO, of=(2,), edits=(Edit(1, GRAY),), name="old.jpg")
    await world.happens(reverted)
    view = await world.image()
    assert (view.name, [rendition.rendition_id for rendition in view.renditions]) == ("old.jpg", ["f" * 32])
    assert [pending.rendition_id for pending in (await world.read_model.pending(9)).value] == [
        RENDITION,
        "f" * 32,
    ]


async def test_a_moment_is_shown_as_it_was(world: World) -> None:
    """Alone, in lists, counted, and with its renditions."""
    first = await world.happens(uploaded(A, name="a.jpg", tags=("sea",)), requested(A, RENDITION))
    await world.happens(
        RenderingStarted(image_id=A, rendition_id=RENDITION, attempt=1),
        finished(A, RENDITION),
        ImageRenamed(image_id=A, name="b.jpg"),
        ImageUntagged(image_id=A, source=Source.PERSON, tags=("sea",)),
        uploaded(B),
        ImageDeleted(image_id=A),
    )
    then = (await world.read_model.image(OWNER, A, first)).value
    assert then is not None
    assert (then.name, then.version, then.changed_at) == ("a.jpg", 1, 1)
    assert (then.state, then.tags) == (ImageState.ACTIVE, (Tag("sea"),))
    assert [(made.state, made.sha256) for made in then.renditions] == [(RenditionState.PENDING, None)]
    assert (await world.read_model.image(OWNER, B, first)).value is None
    for wanted in (
        ImageFilter(),
        ImageFilter(text="a.jpg"),
        ImageFilter(tags=("sea",)),
        ImageFilter(text="a."),
    ):
        query = ImageQuery(owner=OWNER, filter=wanted, as_of=first)
        assert [view.image_id for view in (await world.read_model.images(query)).value.images] == [A]
        assert await world.read_model.count(OWNER, wanted, first) == 1
    assert await world.read_model.count(OWNER, ImageFilter(), 0) == 0
    rendition = (await world.read_model.rendition(OWNER, A, RENDITION, first + 1)).value
    assert rendition is not None
    assert rendition.state is RenditionState.RENDERING
    assert (await world.read_model.rendition(OWNER, A, RENDITION, first - 1)).value is None


async def test_what_is_purged_leaves_a_tombstone(world: World) -> None:
    """It is in no list of now; lists of then show that there was something, and no more."""
    then = await world.happens(uploaded(A, name="secret.jpg", tags=("sea",), description="secret"))
    await world.happens(
        requested(A, RENDITION), ImageRenamed(image_id=A, name="private.jpg"), ImageDeleted(image_id=A)
    )
    assert len((await world.read_model.pending(9)).value) == 1
    await world.happens(ImagePurged(image_id=A))
    for as_of in (None, then):
        view = (await world.read_model.image(OWNER, A, as_of)).value
        assert view is not None
        assert (view.state, view.name, view.description, view.tags) == (ImageState.ERASED, "", "", ())
        assert view.renditions == ()
    assert (await world.read_model.rendition(OWNER, A, RENDITION)).value is None
    for deleted in (True, False, None):
        assert await world.found(deleted=deleted) == []
    listed = (await world.read_model.images(ImageQuery(owner=OWNER, as_of=then))).value.images
    assert [(view.image_id, view.state, view.name) for view in listed] == [(A, ImageState.ERASED, "")]
    for wanted in (ImageFilter(text="secret"), ImageFilter(text="se"), ImageFilter(tags=("sea",))):
        assert await world.read_model.count(OWNER, wanted, then) == 0


async def test_what_is_pending_at_a_purge_is_carried_out(world: World) -> None:
    """So that all bytes that there will be are known when they are removed."""
    await world.happens(uploaded(A), requested(A, RENDITION), ImagePurged(image_id=A))
    (pending,) = (await world.read_model.pending(9)).value
    assert pending.rendition_id == RENDITION
    (erasure,) = await world.read_model.pending_erasures(9)
    assert not erasure.settled
    await world.happens(finished(A, RENDITION))
    (erasure,) = await world.read_model.pending_erasures(9)
    assert erasure.settled
    await world.happens(ImageErased(image_id=A))
    assert (await world.read_model.pending(9)).value == []


async def test_bytes_are_referred_to_by_what_is_not_purged(world: World) -> None:
    """Originals and renditions, of whatever recipe and owner."""
    await world.happens(uploaded(A), requested(A, RENDITION), finished(A, RENDITION), uploaded(B))
    hashes = [(A * 2)[:64], (B * 2)[:64], "e" * 64, "f" * 64]
    found = await world.read_model.referred(hashes)
    assert (found.value, found.as_of) == (frozenset(hashes[:3]), 4)
    await world.happens(ImageDeleted(image_id=A))
    assert (await world.read_model.referred(hashes)).value == frozenset(hashes[:3])
    await world.happens(ImagePurged(image_id=A))
    assert (await world.read_model.referred(hashes)).value == {hashes[1]}
    assert (await world.read_model.referred([])).value == frozenset()


async def test_purged_things_wait_for_their_erasure(world: World) -> None:
    """The oldest first, images with the hashes of all their bytes, until it is told that they are gone."""
    await world.happens(
        uploaded(A),
        requested(A, RENDITION),
        finished(A, RENDITION),
        requested(A, "f" * 32),
        AlbumCreated(album_id=B, name="album"),
        AlbumDeleted(album_id=B),
        ImageDeleted(image_id=A),
        ImagePurged(image_id=A),
        AlbumPurged(album_id=B),
    )
    image, album = await world.read_model.pending_erasures(9)
    assert (image.kind, image.thing_id, image.owner, image.version) == (Erasable.IMAGE, A, OWNER, 3)
    assert set(image.blobs) == {(A * 2)[:64], "e" * 64}
    assert (album.kind, album.thing_id, album.version, album.blobs) == (Erasable.ALBUM, B, 3, ())
    assert image.purged_at < album.purged_at
    assert await world.read_model.pending_erasures(1) == [image]
    await world.happens(ImageErased(image_id=A), AlbumErased(album_id=B))
    assert await world.read_model.pending_erasures(9) == []
    assert (await world.image()).state is ImageState.ERASED


def added(*image_ids: str, index: int) -> AlbumImagesAdded:
    return AlbumImagesAdded(album_id=ALBUM, image_ids=image_ids, index=index)


async def in_album(world: World, **wanted: Any) -> str:  # noqa: ANN401
    query = AlbumImagesQuery(owner=OWNER, album_id=ALBUM, **wanted)
    return "".join(view.image_id[0] for view in (await world.read_model.album_images(query)).value.images)


async def test_an_album_keeps_its_order(world: World) -> None:
    """However images come, go and move; and every former order."""
    orders: dict[int, str] = {}
    await world.happens(
        *(uploaded(image_id) for image_id in (A, B, C)), AlbumCreated(album_id=ALBUM, name="x")
    )
    for event, order in (
        (added(A, B, index=0), "ab"),
        (added(C, index=1), "acb"),
        (AlbumImagesMoved(album_id=ALBUM, image_ids=(B,), index=0), "bac"),
        (AlbumImagesRemoved(album_id=ALBUM, image_ids=(A,)), "bc"),
        (AlbumReverted(album_id=ALBUM, why=Return.UNDO, of=(4,), image_ids=(B, A, C), name="y"), "bac"),
        (AlbumReverted(album_id=ALBUM, why=Return.REVERT, of=(1,), image_ids=(), name="x"), ""),
    ):
        orders[await world.happens(event)] = order
        assert await in_album(world) == order
    for position, order in orders.items():
        assert await in_album(world, as_of=position) == order
        album = (await world.read_model.album(OWNER, ALBUM, position)).value
        assert album is not None
        assert album.size == len(order)


async def test_one_place_in_an_album_takes_any_number(world: World) -> None:
    """Also when there is no number left between two neighbours."""
    ids = [f"{n:032x}" for n in range(60)]
    await world.happens(*map(uploaded, ids), AlbumCreated(album_id=ALBUM, name="x"))
    expected: list[str] = []
    for image_id in ids:
        expected.insert(1, image_id)
        await world.happens(added(image_id, index=min(1, len(expected) - 1)))
    page = (
        await world.read_model.album_images(AlbumImagesQuery(owner=OWNER, album_id=ALBUM, limit=60))
    ).value
    assert [view.image_id for view in page.images] == expected


async def test_albums_are_paged(world: World) -> None:
    """The newest first; what is deleted in a list of its own, what is purged in none, its name nowhere."""
    created = [await world.happens(AlbumCreated(album_id=f"{n}" * 32, name=f"{n}")) for n in range(4)]
    then = await world.happens(AlbumDeleted(album_id="1" * 32), AlbumDeleted(album_id="2" * 32))
    await world.happens(AlbumPurged(album_id="2" * 32))

    async def names(**wanted: Any) -> list[str]:  # noqa: ANN401
        page = (await world.read_model.albums(AlbumQuery(owner=OWNER, **wanted))).value
        return [*(album.name for album in page.albums), *(["..."] if page.has_next else [])]

    assert await names() == ["3", "0"]
    assert await names(limit=1) == ["3", "..."]
    assert await names(after=created[3]) == ["0"]
    assert await names(deleted=True) == ["1"]
    assert await names(deleted=None) == ["3", "1", "0"]
    assert await names(deleted=True, as_of=then) == ["", "1"]
    assert await names(as_of=created[1]) == ["1", "0"]
    assert (await world.read_model.albums(AlbumQuery(owner="owner-2"))).value.albums == ()


async def test_an_album_shows_what_is_there(world: World) -> None:
    """Deleted images are left out and counted in; pages say whether there are more."""
    await world.happens(
        *(uploaded(image_id) for image_id in (A, B, C)), AlbumCreated(album_id=ALBUM, name="x")
    )
    then = await world.happens(added(A, B, C, index=0))
    await world.happens(ImageDeleted(image_id=B))
    assert await in_album(world) == "ac"
    assert await in_album(world, as_of=then) == "abc"
    assert await in_album(world, offset=1, limit=1) == "c"
    first = (
        await world.read_model.album_images(AlbumImagesQuery(owner=OWNER, album_id=ALBUM, limit=1))
    ).value
    assert (first.has_next, first.has_previous) == (True, False)
    album = (await world.read_model.album(OWNER, ALBUM)).value
    assert album is not None
    assert (album.size, album.created_by, album.version) == (3, ACTOR, 2)
    assert (await world.read_model.album("owner-2", ALBUM)).value is None
    await world.happens(AlbumDeleted(album_id=ALBUM), AlbumPurged(album_id=ALBUM))
    assert await in_album(world) == await in_album(world, as_of=then) == ""


async def test_an_operation_is_followed_to_its_end(world: World) -> None:
    """With what it changed, each image once; what comes of other commands is not its doing."""
    started = OperationStarted(operation_id=OPERATION, action=BulkAction.TAG, total=3)
    await world.happens(uploaded(A), uploaded(B), uploaded(C), started)
    running = (await world.read_model.operation(OWNER, OPERATION)).value
    assert running is not None
    assert (running.state, running.total, running.action) == (OperationState.RUNNING, 3, BulkAction.TAG)
    assert await world.read_model.running_operations(9) == [running]
    tagged = [ImageTagged(image_id=i, source=Source.PERSON, tags=("sea",)) for i in (B, A)]
    renamed = ImageRenamed(image_id=A, name="x")
    await world.happens(*tagged, renamed, correlation_id=operation_stream(OPERATION))
    await world.happens(ImageRenamed(image_id=C, name="y"))
    assert await world.read_model.changed_by(OPERATION, 0, 9) == [(1, A), (2, B)]
    assert await world.read_model.changed_by(OPERATION, 0, 1) == [(1, A)]
    assert await world.read_model.changed_by(OPERATION, 1, 9) == [(2, B)]
    counts = {"operation_id": OPERATION, "changed": 2, "unchanged": 1, "refused": 0}
    await world.happens(OperationProgressed(**counts, through=3))  # type: ignore[arg-type]
    half = (await world.read_model.operation(OWNER, OPERATION)).value
    assert half is not None
    assert (half.changed, half.unchanged, half.state) == (2, 1, OperationState.RUNNING)
    await world.happens(OperationFinished(**counts))  # type: ignore[arg-type]
    ended = (await world.read_model.operation(OWNER, OPERATION)).value
    assert ended is not None
    assert (ended.state, ended.version) == (OperationState.FINISHED, 3)
    assert await world.read_model.running_operations(9) == []
    assert (await world.read_model.operation("owner-2", OPERATION)).value is None


def examined(image_id: str, **found: Any) -> ImageExamined:  # noqa: ANN401
    values = {"pixel_hash": "1" * 64, "perceptual_hash": "0" * 16, "placeholder": "1QcSHQRn"}
    return ImageExamined(image_id=image_id, **(values | found))


def taken(day: int, **more: Any) -> Metadata:  # noqa: ANN401
    return Metadata(taken_at=datetime(2026, 5, day, 12, 30, 0, 250_000, tzinfo=UTC), **more)


async def test_findings_are_shown_and_move_no_version(world: World) -> None:
    """What was found is nobody's edit."""
    found = examined(A, metadata=taken(3, make="Leica"), location=Location(latitude=48.5, longitude=-2.25))
    before = await world.happens(uploaded(A))
    await world.happens(ExaminationStarted(image_id=A, attempt=1), found)
    view = await world.image()
    assert view.findings is not None
    assert (view.version, view.changed_at) == (1, before)
    assert (view.findings.pixel_hash, view.findings.metadata) == (found.pixel_hash, found.metadata)
    assert view.findings.location == found.location
    then = (await world.read_model.image(OWNER, A, before)).value
    assert then is not None
    assert then.findings is None


async def test_pending_examinations_begin_when_nothing_is_rendered(world: World) -> None:
    """The oldest image first, with its attempts; those that have an end are not among them."""
    await world.happens(uploaded(A, orientation=6), requested(A, RENDITION), uploaded(B), uploaded(C))
    pending = await world.read_model.pending_examinations(9)
    assert [each.image_id for each in pending] == [B, C]
    await world.happens(RenderingFailed(image_id=A, rendition_id=RENDITION, code="X", message=""))
    await world.happens(ExaminationStarted(image_id=A, attempt=1), ImageRenamed(image_id=A, name="x"))
    await world.happens(ExaminationFailed(image_id=B, code="X", message=""), examined(C))
    (one,) = await world.read_model.pending_examinations(9)
    assert (one.image_id, one.attempts, one.version, one.image_version) == (A, 1, 1, 2)
    assert (one.header.width, one.header.height, one.header.orientation) == (640, 480, 6)
    assert (one.original, one.byte_size, one.owner) == ((A * 2)[:64], 1000, OWNER)


async def test_a_purge_waits_for_an_examination_that_has_begun(world: World) -> None:
    """What it finds comes before the end, and is not shown; none begins after the purge."""
    await world.happens(uploaded(A), uploaded(B), ExaminationStarted(image_id=A, attempt=1))
    await world.happens(*(ImagePurged(image_id=image_id) for image_id in (A, B)))
    assert [each.settled for each in await world.read_model.pending_erasures(9)] == [False, True]
    assert [each.image_id for each in await world.read_model.pending_examinations(9)] == [A]
    await world.happens(examined(A, metadata=taken(1)))
    assert [each.settled for each in await world.read_model.pending_erasures(9)] == [True, True]
    assert (await world.image(A)).findings is None
    await world.happens(ImageErased(image_id=A), ImageErased(image_id=B))
    assert await world.read_model.pending_examinations(9) == []


async def test_a_purge_forgets_what_was_found(world: World) -> None:
    """At every moment, and in what lists are filtered and sorted by."""
    position = await world.happens(uploaded(A), examined(A, metadata=taken(1, model="M3")), uploaded(B))
    await world.happens(examined(B), ImageDeleted(image_id=A), ImagePurged(image_id=A))
    then = (await world.read_model.image(OWNER, A, position)).value
    assert then is not None
    assert then.findings is None
    for wanted in (
        ImageFilter(camera="m3"),
        ImageFilter(taken_at=Range(gt=datetime(2000, 1, 1, tzinfo=UTC))),
    ):
        assert await world.read_model.count(OWNER, wanted, position) == 0
    assert (await world.read_model.same_pixels(OWNER, B, 9, position)).value == []


async def test_images_are_found_by_camera_and_by_when_they_were_taken(world: World) -> None:
    """Words without case, in any of the names; where it is not known an image is not found."""
    leica = taken(3, make="LEICA CAMERA AG", model="M (Typ 240)", lens="Summicron-M 1:2/35 ÉDITION")
    await world.happens(uploaded(A), examined(A, metadata=leica), uploaded(B), uploaded(C))
    await world.happens(examined(B, metadata=taken(4, make="Canon")), examined(C))
    assert await world.found(camera="leica summicron-m édition") == ["a"]
    assert await world.found(camera="canon summicron-m") == []
    assert await world.found(camera=" ") == ["a", "b", "c"]
    moment = leica.taken_at
    assert await world.found(taken_at=Range(gte=moment)) == ["a", "b"]
    assert await world.found(taken_at=Range(gt=moment)) == ["b"]
    assert await world.found(taken_at=Range(lte=moment), camera="typ") == ["a"]
    assert await world.found(taken_at=Range()) == ["a", "b", "c"]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("backward", [True, False])
async def test_images_without_a_moment_come_last_in_every_page(
    world: World, descending: bool, backward: bool
) -> None:
    """In both directions, from both ends, one by one: each once, and in order; also before 1970."""
    days = dict(enumerate((3, None, 1, None, 3, 2)))
    ids = {n: str(n) * 32 for n in days}
    for n, day in days.items():
        metadata = Metadata() if day is None else taken(day)
        await world.happens(uploaded(ids[n]), examined(ids[n], metadata=metadata))
    old = datetime(1968, 12, 24, 10, 40, 0, 750_000, tzinfo=UTC)
    await world.happens(uploaded("6" * 32), examined("6" * 32, metadata=Metadata(taken_at=old)))
    order = ImageOrder(SortKey.TAKEN_AT, descending=descending)
    for as_of in (None, 99):
        shown: list[str] = []
        query = ImageQuery(owner=OWNER, order=order, limit=1, backward=backward, as_of=as_of)
        while True:
            page = (await world.read_model.images(query)).value
            shown += [view.image_id[0] for view in page.images]
            last = keyset(page.images[0], order)
            query = replace(query, before=last) if backward else replace(query, after=last)
            if not (page.has_previous if backward else page.has_next):
                break
        expected = ["4", "0", "5", "2", "6", "3", "1"] if descending else ["6", "2", "5", "0", "4", "1", "3"]
        assert shown == (expected[::-1] if backward else expected)


async def test_the_same_pixels_are_found_in_other_images(world: World) -> None:
    """Of this owner, not deleted; an image is not its own double."""
    for n, pixels in enumerate("11121"):
        await world.happens(uploaded(str(n) * 32), examined(str(n) * 32, pixel_hash=pixels * 64))
    stranger = "9" * 32
    await world.happens(uploaded(stranger), examined(stranger, pixel_hash="1" * 64), owner="owner-2")
    position = await world.happens(ImageRenamed(image_id="0" * 32, name="x"))
    await world.happens(ImageDeleted(image_id="1" * 32), uploaded(A))

    async def same(image_id: str, limit: int = 9, as_of: int | None = None) -> list[str]:
        found = await world.read_model.same_pixels(OWNER, image_id, limit, as_of)
        return [view.image_id[0] for view in found.value]

    assert await same("0" * 32) == ["2", "4"]
    assert await same("0" * 32, 1) == ["2"]
    assert await same("0" * 32, 9, position) == ["1", "2", "4"]
    assert await same("0" * 32, 9, 5) == ["1"]
    assert await same("3" * 32) == await same(A) == await same(stranger) == []


async def test_near_duplicates_come_with_their_distance(world: World) -> None:
    """The nearest first; a hash whose first bit is set is as good as any."""
    hashes = ("0" * 16, "8" + "0" * 15, "f" * 16, "0" * 15 + "7", "0" * 15 + "1")
    for n, digits in enumerate(hashes):
        await world.happens(uploaded(str(n) * 32), examined(str(n) * 32, perceptual_hash=digits))
    await world.happens(uploaded(A))

    async def near(image_id: str, within: int, limit: int = 9) -> list[tuple[int, str]]:
        found = await world.read_model.near_duplicates(OWNER, image_id, within, limit)
        return [(distance, view.image_id[0]) for distance, view in found.value]

    assert await near("0" * 32, 3) == [(1, "1"), (1, "4"), (3, "3")]
    assert await near("0" * 32, 2) == [(1, "1"), (1, "4")]
    assert await near("0" * 32, 3, 1) == [(1, "1")]
    assert await near("1" * 32, 64) == [(1, "0"), (2, "4"), (4, "3"), (63, "2")]
    assert await near(A, 64) == []


async def test_a_cancelled_operation_goes_on_to_its_end(world: World) -> None:
    """What was under way is counted; until then it is running."""
    await world.happens(
        OperationStarted(operation_id=OPERATION, action=BulkAction.DELETE, total=3),
        OperationProgressed(operation_id=OPERATION, through=1, changed=1, unchanged=0, refused=0),
        OperationCancelled(operation_id=OPERATION),
    )
    view = (await world.read_model.operation(OWNER, OPERATION)).value
    assert view is not None
    assert (view.state, view.changed) == (OperationState.CANCELLING, 1)
    assert await world.read_model.running_operations(9) == [view]
    await world.happens(OperationFinished(operation_id=OPERATION, changed=2, unchanged=0, refused=0))
    view = (await world.read_model.operation(OWNER, OPERATION)).value
    assert view is not None
    assert (view.state, view.changed) == (OperationState.CANCELLED, 2)
    assert await world.read_model.running_operations(9) == []


ids = st.sampled_from([A, B, C])
texts = st.sampled_from(["", "cat", "Cat", "beach day", "été"])
tags = st.lists(st.sampled_from(["cat", "dog", "Emu"]), max_size=2, unique=True).map(tuple)
sources = st.sampled_from(Source)
changes = st.one_of(
    st.builds(ImageRenamed, image_id=ids, name=texts),
    st.builds(ImageDescribed, image_id=ids, source=sources, description=texts),
    st.builds(ImageTagged, image_id=ids, source=sources, tags=tags),
    st.builds(ImageUntagged, image_id=ids, source=sources, tags=tags),
    st.builds(ImageDeleted, image_id=ids),
    st.builds(ImageRestored, image_id=ids),
    st.builds(RenderingStarted, image_id=ids, rendition_id=st.just(RENDITION), attempt=st.integers(1, 3)),
    st.builds(examined, image_id=ids, metadata=st.builds(taken, day=st.integers(1, 3))),
    st.builds(
        RenderingFailed, image_id=ids, rendition_id=st.just(RENDITION), code=st.just("X"), message=texts
    ),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(changes, max_size=30), cut=st.integers(0, 30))
async def test_both_read_models_fold_alike(
    tmp_path_factory: pytest.TempPathFactory, history: list[Event], cut: int
) -> None:
    """Event by event, at once, or twice: the same history gives the same answers."""
    begin: list[Event] = [
        event for image in (A, B, C) for event in (uploaded(image), requested(image, RENDITION))
    ]
    recorded: list[RecordedEvent] = []
    memory = MemoryReadModel()

    def fold(events: Sequence[RecordedEvent]) -> None:
        recorded.extend(events)
        memory.fold(events)

    log = MemoryEventLog(fold)
    world = World(log, memory)
    await world.happens(*begin, *history)
    path = tmp_path_factory.mktemp("read") / "read-1.db"
    projection = await asyncio.to_thread(Projection, path, "store")
    await asyncio.to_thread(projection.fold, recorded[:cut])
    await asyncio.to_thread(projection.fold, recorded)
    readers = await Readers.open(path)
    try:
        sqlite = SqliteReadModel(readers)
        for query in (
            ImageQuery(owner=OWNER, filter=ImageFilter(deleted=None)),
            ImageQuery(owner=OWNER, filter=ImageFilter(text="cat")),
            ImageQuery(owner=OWNER, filter=ImageFilter(tags=("dog",)), order=ImageOrder(SortKey.NAME)),
            ImageQuery(owner=OWNER, order=ImageOrder(SortKey.TAKEN_AT, descending=False)),
        ):
            assert await sqlite.images(query) == await memory.images(query)
        assert await sqlite.pending(10) == await memory.pending(10)
        assert await sqlite.pending_examinations(10) == await memory.pending_examinations(10)
    finally:
        await readers.close()
        await asyncio.to_thread(projection.close)
