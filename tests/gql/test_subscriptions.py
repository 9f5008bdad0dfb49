"""What subscriptions tell: of events, and of states."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from domain.bulk import operation_stream
from domain.events import (
    ImageDeleted,
    ImageDescribed,
    ImageRenamed,
    ImageTagged,
    ImageUntagged,
    RenderingFinished,
)
from domain.header import MediaType
from domain.ports.read_model import Snapshot
from domain.ports.views import ImageView
from domain.rendering import rendering_stream
from gql.errors import RequestError
from gql.schema import feeds
from gql.schema.ids import image_global_id, operation_global_id
from tests.examples import OWNER, append, context, new_id, requested
from tests.gql.subscribing import CountingReadModel, Told, World, caught_up

EVENTS = """
    subscription ($after: Cursor, $filter: EventFilter) {
        events(after: $after, filter: $filter) {
            __typename cursor
            ... on Event { type commandId operationId }
            ... on ImageEvent { imageId image { name } }
        }
    }
"""
CHANGED = """
    subscription ($id: ID!, $after: Cursor) {
        imageChanged(id: $id, after: $after) {
            cursor image { name state tags version renditions { state } }
        }
    }
"""


WITH_OR_WITHOUT = """
    subscription ($ids: Boolean!, $after: Cursor) {
        events(after: $after) { cursor type: __typename ... on ImageEvent @include(if: $ids) { imageId } }
    }
"""


async def past(world: World, **wanted: object) -> list[tuple[str, str]]:
    """Type and image of all events that pass a filter."""
    told = await caught_up(world.subscribe(EVENTS, None, after=world.cursor(0), filter=wanted))
    return [(item["type"], item["imageId"]) for item in told]


async def code(world: World, query: str, last_event_id: str | None = None, **variables: object) -> str:
    with pytest.raises(RequestError) as refused:
        await anext(world.subscribe(query, last_event_id, **variables))
    extensions: dict[str, str] = refused.value.errors[0]["extensions"]  # type: ignore[assignment]
    return extensions["code"]


# -- which events


async def test_events_about_images_with_a_tag() -> None:
    """As they are tagged now, or by the coming and going of the tag itself; case does not matter."""
    world = World.in_memory()
    sea, formerly, never = [await world.upload() for _ in range(3)]
    await world.happen(ImageTagged(image_id=sea, tags=("Sea", "sand")))
    await world.happen(ImageTagged(image_id=formerly, tags=("SEA",)), ImageDeleted(image_id=formerly))
    await world.happen(ImageUntagged(image_id=formerly, tags=("SEA",)))
    await world.happen(ImageTagged(image_id=never, tags=("season",)))
    first, second = image_global_id(sea), image_global_id(formerly)
    expected = [
        ("ImageUploaded", first),
        ("ImageTagged", first),
        ("ImageTagged", second),
        ("ImageUntagged", second),
    ]
    assert await past(world, tags=["sEa", "unknown"]) == expected
    assert await past(world, tags=[]) == []
    assert await past(world, tags=["sea"], types=["ImageUploaded"]) == expected[:1]
    assert await past(world, tags=["sea"], images=[second]) == expected[2:]


async def test_events_of_one_operation() -> None:
    """Of a request, and of all that it led to; a bulk operation is known by its own id as well."""
    world = World.in_memory()
    image_id = await world.upload()
    operation = operation_global_id(image_id)

    async def told(operation_id: str) -> list[tuple[str, str, str | None]]:
        items = await caught_up(
            world.subscribe(EVENTS, after=world.cursor(0), filter={"operationId": operation_id})
        )
        return [(item["type"], item["commandId"], item["operationId"]) for item in items]

    await world.happen(ImageRenamed(image_id=image_id, name="a"), command_id="mine")
    for correlation_id, command_id in (("mine", "another"), (operation_stream(image_id), "a part")):
        caused = replace(context(command_id), correlation_id=correlation_id)
        event = requested(image_id, rendition_id=new_id())
        await world.log.append(replace(append(f"r-{command_id}", event), context=caused))
    assert await told("mine") == [("ImageRenamed", "mine", None), ("RenderingRequested", "another", None)]
    assert await told(operation) == [("RenderingRequested", "a part", operation)]


async def test_events_of_an_owner() -> None:
    """Nobody sees what is another one's, whether it is asked for or not."""
    world = World.in_memory()
    mine = image_global_id(await world.upload())
    await world.upload(owner="another")
    assert await past(world) == await past(world, owner=OWNER) == [("ImageUploaded", mine)]
    assert await code(world, EVENTS, filter={"owner": "another"}) == "UNKNOWN_NAME"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"types": ["ImageUplaoded"]}, "UNKNOWN_NAME"),
        ({"images": ["1"]}, "INVALID_ID"),
        ({"tags": [""]}, "INVALID_INPUT"),
        ({"colour": "red"}, "BAD_VARIABLES"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(wanted: dict[str, Any], expected: str) -> None:
    """Before anything is told."""
    assert await code(World.in_memory(), EVENTS, filter=wanted) == expected


async def test_a_quiet_filter_is_told_how_far_the_log_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a client that comes back has little of it read again."""
    monkeypatch.setattr(feeds, "PROGRESS_EVERY", 10)
    world = World.in_memory()
    image_id = await world.upload()
    await world.happen(*[ImageDeleted(image_id=image_id)] * 24)
    told = world.subscribe(EVENTS, after=world.cursor(0), filter={"types": ["ImageRestored"]})
    async with aclosing(told):
        items = [(await anext(told)) for _ in range(3)]
    assert [(each.item["__typename"], each.cursor) for each in items] == [
        ("Progress", world.cursor(10)),
        ("Progress", world.cursor(20)),
        ("CaughtUp", world.cursor(25)),
    ]


async def test_the_last_event_id_counts_more_than_after() -> None:
    """It is what the client has seen since it wrote its request."""
    world = World.in_memory()
    image_id = await world.upload()
    await world.happen(*[ImageDeleted(image_id=image_id)] * 4)
    told = world.subscribe(EVENTS, after=world.cursor(1), last_event_id=world.cursor(4))
    async with aclosing(told):
        assert (await anext(told)).cursor == world.cursor(5)
    assert await code(world, EVENTS, last_event_id="7") == "INVALID_CURSOR"
    assert await code(world, EVENTS, last_event_id=world.cursor(9)) == "CURSOR_BEYOND_HEAD"


# -- states


async def next_state(told: Any) -> Told:  # noqa: ANN401
    found: Told = await asyncio.wait_for(anext(told), 10)
    return found


async def test_a_state_is_told_now_and_after_each_change() -> None:
    """Of the image or of its renditions, and of nothing else."""
    world = World.in_memory()
    image_id = await world.upload()
    told = world.subscribe(CHANGED, id=image_global_id(image_id))
    async with aclosing(told):
        assert (await next_state(told)).item["image"]["name"] == "beach.jpg"
        await world.upload()
        await world.happen(ImageRenamed(image_id=image_id, name="b"))
        assert (await next_state(told)).item["image"]["name"] == "b"
        await world.log.append(append(rendering_stream(image_id, "b" * 32), requested(image_id)))
        assert (await next_state(told)).item["image"]["renditions"] == [{"state": "PENDING"}]
        await world.happen(ImageDeleted(image_id=image_id))
        last = await next_state(told)
    assert last.item["image"]["state"] == "DELETED"
    assert last.cursor == last.item["cursor"] == world.cursor(world.log.head)


async def test_changes_that_come_faster_than_they_are_read_are_one_state() -> None:
    """The newest; how often somebody clicked is in the events."""
    world = World.in_memory()
    image_id = await world.upload()
    told = world.subscribe(CHANGED, id=image_global_id(image_id))
    async with aclosing(told):
        await next_state(told)
        for number in range(500):
            await world.happen(ImageRenamed(image_id=image_id, name=f"{number}"))
        state = await next_state(told)
        assert (state.item["image"]["name"], state.cursor) == ("499", world.cursor(world.log.head))
        waiting = asyncio.ensure_future(anext(told))
        await world.upload()
        await asyncio.sleep(0.02)
        assert not waiting.done()
        await world.happen(ImageDescribed(image_id=image_id, description="c"))
        assert (await waiting).item["image"]["version"] == 502


async def test_a_state_is_told_again_only_if_something_has_happened() -> None:
    """To whoever comes back with a cursor, by `after` or by the id of the last event."""
    world = World.in_memory()
    image_id = await world.upload()
    for by_id in (False, True):
        cursor, subject = world.cursor(world.log.head), image_global_id(image_id)
        told = (
            world.subscribe(CHANGED, id=subject, last_event_id=cursor)
            if by_id
            else world.subscribe(CHANGED, id=subject, after=cursor)
        )
        async with aclosing(told):
            waiting = asyncio.ensure_future(anext(told))
            await world.upload()
            await asyncio.sleep(0.02)
            assert not waiting.done()
            before = world.log.head
            await world.happen(ImageRenamed(image_id=image_id, name="b"))
            assert (await waiting).cursor == world.cursor(before + 1)


async def test_what_is_not_there_is_null() -> None:
    """No such image, or another one's, of which nothing is told afterwards either."""
    world = World.in_memory()
    theirs = await world.upload(owner="another")
    told = world.subscribe(CHANGED, id=image_global_id(theirs))
    async with aclosing(told):
        assert (await next_state(told)).item["image"] is None
        waiting = asyncio.ensure_future(anext(told))
        await world.happen(ImageRenamed(image_id=theirs, name="b"), owner="another")
        await asyncio.sleep(0.02)
        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert await code(world, CHANGED, id="x") == "INVALID_ID"


# -- many who ask the same


async def listen(world: World, count: int, **wanted: object) -> list[list[str]]:
    """The cursors that so many are told of ten events, all of which are there before these happen."""
    waiting: set[int] = set()

    async def eleven(number: int) -> list[str]:
        async with aclosing(world.subscribe(EVENTS, filter=wanted)) as told:
            cursors = [(await anext(told)).cursor]
            waiting.add(number)
            return cursors + [(await anext(told)).cursor for _ in range(10)]

    listening = [asyncio.create_task(eleven(number)) for number in range(count)]
    while len(waiting) < count:
        await asyncio.sleep(0)
    image_id = await world.upload("sea")
    for number in range(9):
        await world.happen(ImageRenamed(image_id=image_id, name=f"{number}"))
    return await asyncio.wait_for(asyncio.gather(*listening), 10)


@pytest.mark.parametrize("wanted", [{}, {"tags": ["sea"]}], ids=["all", "tags"])
async def test_a_result_is_made_once_however_many_are_told(wanted: dict[str, Any]) -> None:
    """An image is read for the first of them; and so it is to see whether it has a tag."""
    read_model = CountingReadModel()
    world = World.in_memory(read_model)
    heard = await listen(world, 200, **wanted)
    assert heard == [[world.cursor(position) for position in range(11)]] * 200
    assert read_model.reads <= 10 * (1 + bool(wanted))


async def test_whoever_asks_for_something_else_is_told_something_else() -> None:
    """By another document, another variable, or as another one."""
    world = World.in_memory()
    await world.upload()
    found = []
    for with_id in (True, False):
        async with aclosing(world.subscribe(WITH_OR_WITHOUT, after=world.cursor(0), ids=with_id)) as told:
            found.append((await anext(told)).item.keys())
    assert found == [{"cursor", "type", "imageId"}, {"cursor", "type"}]
    theirs = replace(world.context, caller=replace(world.context.caller, owner="another"))
    world.context = theirs
    assert await caught_up(world.subscribe(EVENTS, after=world.cursor(0))) == []


class SlowReadModel(CountingReadModel):
    """Answers when it is told to, and fails as often as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.failures = 0

    async def image(self, owner: str, image_id: str, as_of: int | None = None) -> Snapshot[ImageView | None]:
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is away")
        return await super().image(owner, image_id, as_of)


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    """Though the result was being made for it."""
    read_model = SlowReadModel()
    world = World.in_memory(read_model)
    await world.upload()
    first, second = [
        asyncio.create_task(caught_up(world.subscribe(EVENTS, after=world.cursor(0)))) for _ in range(2)
    ]
    await asyncio.sleep(0.02)
    first.cancel()
    await asyncio.wait([first])
    read_model.gate.set()
    assert [item["type"] for item in await second] == ["ImageUploaded"]
    assert read_model.reads == 1


async def test_a_result_that_failed_is_made_anew_for_the_next() -> None:
    """What went wrong then need not go wrong now."""
    read_model = SlowReadModel()
    read_model.gate.set()
    read_model.failures = 1
    world = World.in_memory(read_model)
    await world.upload()
    with pytest.raises(AssertionError, match="errors"):
        await caught_up(world.subscribe(EVENTS, after=world.cursor(0)))
    assert len(await caught_up(world.subscribe(EVENTS, after=world.cursor(0)))) == 1


async def test_a_rendition_is_told_once_it_is_settled() -> None:
    """Once, with its cursor."""
    world = World.in_memory()
    image_id = await world.upload()
    stream = rendering_stream(image_id, "b" * 32)
    finished = RenderingFinished(
        image_id=image_id,
        rendition_id="b" * 32,
        sha256="c" * 64,
        byte_size=9,
        media_type=MediaType.WEBP,
        width=2,
        height=1,
    )
    await world.log.append(append(stream, requested(image_id), finished))
    query = "subscription ($after: Cursor) { renditionSettled(after: $after) { cursor rendition { state } } }"
    told = world.subscribe(query, after=world.cursor(0))
    async with aclosing(told):
        assert await anext(told) == (
            {"cursor": world.cursor(3), "rendition": {"state": "READY"}},
            world.cursor(3),
        )


NAMES = """
    subscription ($after: Cursor) {
        events(after: $after) { __typename cursor ... on ImageRenamed { name } }
    }
"""


async def test_what_was_forgotten_is_told_to_nobody_any_more() -> None:
    """Although the same was made for somebody else, who is still there."""
    world = World.in_memory()
    image_id = await world.upload()
    await world.happen(ImageRenamed(image_id=image_id, name="Anna.jpg"))
    async with aclosing(world.subscribe(NAMES, None, after=world.cursor(0))) as early:
        heard = [(await anext(early)).item for _ in range(2)]
        assert heard[-1]["name"] == "Anna.jpg"
        await world.log.forget([f"image-{image_id}"])
        late = await caught_up(world.subscribe(NAMES, None, after=world.cursor(0)))
    assert late[-1]["name"] == ""
