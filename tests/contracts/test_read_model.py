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
    AlbumEvent,
    Event,
    ImageDeleted,
    ImageDescribed,
    ImageEvent,
    ImageRenamed,
    ImageRestored,
    ImageTagged,
    ImageUntagged,
    OperationEvent,
    RenderingEvent,
    RenderingFailed,
    RenderingFinished,
    RenderingStarted,
)
from domain.header import ImageHeader, MediaType
from domain.image import image_stream
from domain.paging import keyset
from domain.ports import EventLog, ImageState, ImageView, ReadModel, RecordedEvent, RenditionState
from domain.provenance import Source, Tag
from domain.query import ImageFilter, ImageOrder, ImageQuery, Range, SortKey
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


def stream_of(event: Event) -> str:
    if isinstance(event, RenderingEvent):
        return rendering_stream(event.image_id, event.rendition_id)
    if isinstance(event, AlbumEvent):
        return album_stream(event.album_id)
    if isinstance(event, OperationEvent):
        return operation_stream(event.operation_id)
    assert isinstance(event, ImageEvent)
    return image_stream(event.image_id)


@dataclass(frozen=True)
class World:
    log: EventLog
    read_model: ReadModel

    async def happens(self, *events: Event, owner: str = OWNER) -> int:
        position = 0
        for event in events:
            position = (await self.log.append(append(stream_of(event), event, owner=owner))).position
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


async def test_a_failure_says_why(world: World) -> None:
    """Code and message stand at the rendition."""
    failed = RenderingFailed(image_id=A, rendition_id=RENDITION, code="DAMAGED_FILE", message="Broken.")
    await world.happens(uploaded(A), requested(A, RENDITION), failed)
    (rendition,) = (await world.image()).renditions
    assert rendition.state is RenditionState.FAILED
    assert (rendition.failure_code, rendition.failure_message) == ("DAMAGED_FILE", "Broken.")


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
        ):
            assert await sqlite.images(query) == await memory.images(query)
        assert await sqlite.pending(10) == await memory.pending(10)
    finally:
        await readers.close()
        await asyncio.to_thread(projection.close)
