"""What every event log does, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from domain.errors import AlreadyClaimed, CommandReused, VersionConflict
from domain.events import ImageDeleted, ImageRenamed, ImageRestored
from domain.ports.log import Append, Claim, EventLog, Expect, RecordedEvent, StreamAppend
from infrastructure.memory.log import MemoryEventLog
from infrastructure.sqlite.store import open_store
from tests.examples import ACTOR, OWNER, append, context, new_id, uploaded

ID = "a" * 32
STREAM = f"image-{ID}"


@pytest.fixture(params=["memory", "sqlite"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventLog]:
    if request.param == "memory":
        yield MemoryEventLog()
    else:
        async with open_store(tmp_path) as store:
            yield store.log


async def first(log: EventLog, count: int, after: int = 0) -> list[RecordedEvent]:
    events: list[RecordedEvent] = []
    async with aclosing(log.follow(after)) as following:
        async for recorded in following:
            events.append(recorded)
            if len(events) == count:
                break
    return events


async def test_streams_are_found_by_how_they_begin(log: EventLog) -> None:
    """Each once, in the order of their names."""
    for stream in (
        "webhook-b",
        "webhook-a",
        "webhook-a",
        "webhooks",
        "webhook",
        "image-webhook-a",
        "webhook-é",
    ):
        await log.append(append(stream, ImageDeleted(image_id=ID)))
    assert list(await log.streams("webhook-")) == ["webhook-a", "webhook-b", "webhook-é"]
    assert list(await log.streams("nothing")) == []


async def test_a_new_log_is_empty(log: EventLog) -> None:
    """Positions begin at 1, so 0 is before everything."""
    assert log.head == 0
    assert list(await log.read(0, 10)) == []


async def test_what_is_appended_is_read_with_its_envelope(log: EventLog) -> None:
    """Who, when, why and what come back as they went in."""
    appended = await log.append(append(STREAM, uploaded(ID, tags=("cat",), description="ünïcode")))
    assert appended.position == log.head == 1
    (recorded,) = await log.read(0, 10)
    assert recorded.event == uploaded(ID, tags=("cat",), description="ünïcode")
    assert (recorded.position, recorded.version, recorded.stream) == (1, 1, STREAM)
    assert (recorded.actor, recorded.owner) == (ACTOR, OWNER)
    assert recorded.correlation_id == recorded.command_id
    assert recorded.type == "ImageUploaded"
    assert recorded.recorded_at.tzinfo is not None


async def test_positions_and_versions_are_dense(log: EventLog) -> None:
    """Every stream counts for itself, the log counts all."""
    for _ in range(3):
        await log.append(append("image-1", ImageDeleted(image_id="1"), ImageRestored(image_id="1")))
        await log.append(append("image-2", ImageDeleted(image_id="2")))
    recorded = await log.read(0, 100)
    assert [event.position for event in recorded] == list(range(1, 10))
    assert [e.version for e in recorded if e.stream == "image-1"] == [1, 2, 3, 4, 5, 6]
    assert [e.version for e in recorded if e.stream == "image-2"] == [1, 2, 3]


async def test_pages_follow_each_other(log: EventLog) -> None:
    """Reading after a position never repeats and never skips."""
    await log.append(append("image-1", *[ImageDeleted(image_id="1")] * 7))
    pages = [await log.read(after, 3) for after in (0, 3, 6)]
    assert [[event.position for event in page] for page in pages] == [[1, 2, 3], [4, 5, 6], [7]]


async def test_a_stream_is_read_alone(log: EventLog) -> None:
    """In its order, without the others."""
    await log.append(append("image-1", ImageDeleted(image_id="1")))
    await log.append(append("image-2", ImageDeleted(image_id="2")))
    await log.append(append("image-1", ImageRestored(image_id="1")))
    assert [event.position for event in await log.read_stream("image-1")] == [1, 3]
    assert list(await log.read_stream("image-3")) == []


@pytest.mark.parametrize(
    ("expect", "met_before", "met_after"),
    [
        (Expect.NO_STREAM, True, False),
        (Expect.EXISTS, False, True),
        (Expect.ANY, True, True),
        (0, True, False),
        (1, False, True),
        (2, False, False),
    ],
)
async def test_expectations_are_checked(
    log: EventLog, expect: Expect | int, *, met_before: bool, met_after: bool
) -> None:
    """Against a stream that is not there, and against one at version 1."""
    for stream, met in (("image-9", met_before), ("image-1", met_after)):
        if stream == "image-1":
            await log.append(append("image-1", ImageDeleted(image_id="1")))
        head = log.head
        try:
            await log.append(append(stream, ImageDeleted(image_id="x"), expect=expect))
        except VersionConflict as conflict:
            assert not met
            assert log.head == head
            assert conflict.current == (1 if stream == "image-1" else 0)
        else:
            assert met


async def test_one_of_many_racers_wins(log: EventLog) -> None:
    """With one expected version exactly one append is recorded."""
    await log.append(append("image-1", ImageDeleted(image_id="1")))
    racers = [log.append(append("image-1", ImageRestored(image_id="1"), expect=1)) for _ in range(50)]
    results = await asyncio.gather(*racers, return_exceptions=True)
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert all(isinstance(r, VersionConflict) for r in results if isinstance(r, Exception))
    assert log.head == 2


async def test_a_command_is_recorded_whole_or_not_at_all(log: EventLog) -> None:
    """One stream that is not as expected keeps the others from being written."""
    await log.append(append("image-2", ImageDeleted(image_id="2")))
    command = Append(
        context=context(),
        writes=[
            StreamAppend("image-1", [ImageDeleted(image_id="1")], Expect.NO_STREAM),
            StreamAppend("image-2", [ImageDeleted(image_id="2")], Expect.NO_STREAM),
        ],
        claims=[Claim("original", "x", "image-1")],
    )
    with pytest.raises(VersionConflict):
        await log.append(command)
    assert log.head == 1
    assert await log.holder(OWNER, "original", "x") is None


async def test_a_value_is_claimed_once_by_each_owner(log: EventLog) -> None:
    """The second is told who holds it; another owner has claims of their own."""
    claim = (Claim("original", "hash", "image-1"),)
    await log.append(append("image-1", ImageDeleted(image_id="1"), claims=claim))
    other = (Claim("original", "hash", "image-2"),)
    with pytest.raises(AlreadyClaimed) as refused:
        await log.append(append("image-2", ImageDeleted(image_id="2"), claims=other))
    assert refused.value.holder == "image-1"
    assert await log.holder(OWNER, "original", "hash") == "image-1"
    await log.append(append("image-2", ImageDeleted(image_id="2"), claims=other, owner="owner-2"))
    await log.append(append("image-1", ImageDeleted(image_id="1"), claims=claim))


async def test_the_same_command_is_answered_the_same_and_done_once(log: EventLog) -> None:
    """A repeated request finds what it was told before."""
    command = append(STREAM, uploaded(ID), command_id="c-1", fingerprint="body", answer="done")
    one = await log.append(command)
    await log.append(append("image-2", ImageDeleted(image_id="2")))
    two = await log.append(append(STREAM, uploaded(ID), command_id="c-1", fingerprint="body", answer="new"))
    assert (two.position, two.answer, two.repeated) == (one.position, "done", True)
    assert log.head == 2
    assert await log.answered(command.context) == two


async def test_a_command_id_with_another_body_is_refused(log: EventLog) -> None:
    """It would hide a mistake."""
    await log.append(append(STREAM, uploaded(ID), command_id="c-1", fingerprint="body"))
    again = append(STREAM, uploaded(ID), command_id="c-1", fingerprint="other body")
    with pytest.raises(CommandReused):
        await log.append(again)
    with pytest.raises(CommandReused):
        await log.answered(again.context)
    assert log.head == 1


async def test_command_ids_belong_to_an_owner(log: EventLog) -> None:
    """What one owner calls their commands is nothing to another."""
    await log.append(append("image-1", ImageDeleted(image_id="1"), command_id="c", fingerprint="a"))
    await log.append(
        append("image-2", ImageDeleted(image_id="2"), command_id="c", fingerprint="b", owner="owner-2")
    )
    assert log.head == 2


async def test_a_command_without_events_is_remembered(log: EventLog) -> None:
    """Nothing to do is an answer too."""
    command = append("image-1", command_id="c", fingerprint="a", answer="nothing to do")
    assert (await log.append(command)).position == 0
    assert (await log.append(command)).repeated


async def test_followers_see_the_past_and_what_comes(log: EventLog) -> None:
    """From any position on, each event once and in order."""
    for _ in range(5):
        await log.append(append("image-1", ImageDeleted(image_id="1")))
    following = asyncio.create_task(first(log, 8, after=2))
    for _ in range(5):
        await asyncio.sleep(0)
        await log.append(append("image-1", ImageDeleted(image_id="1")))
    assert [event.position for event in await following] == list(range(3, 11))


async def test_many_followers_hear_the_same(log: EventLog) -> None:
    """Those who begin early and those who begin late."""
    writers = [log.append(append(f"image-{n}", ImageDeleted(image_id=new_id()))) for n in range(50)]
    followers = [asyncio.create_task(first(log, 50 - after, after)) for after in range(0, 50, 7)]
    await asyncio.gather(*writers)
    for after, heard in zip(range(0, 50, 7), await asyncio.gather(*followers), strict=True):
        assert [event.position for event in heard] == list(range(after + 1, 51))


async def test_what_is_forgotten_is_read_as_if_it_had_never_been_said(log: EventLog) -> None:
    """However it is read; what others said stays, and so does what is not personal."""
    other = "b" * 32
    await log.append(append(STREAM, uploaded(ID, tags=("cat",), description="Anna")))
    await log.append(append(f"image-{other}", uploaded(other)))
    await log.forget([STREAM])
    await log.forget([STREAM, "image-unknown"])
    erased = uploaded(ID, name="", tags=(), description="")
    assert [each.event for each in await log.read(0, 10)] == [erased, uploaded(other)]
    assert [each.event for each in await log.read_stream(STREAM)] == [erased]
    assert [each.event for each in await first(log, 2)] == [erased, uploaded(other)]


async def test_whoever_follows_is_not_told_what_was_forgotten_meanwhile(log: EventLog) -> None:
    """Not even what was on its way to him already."""
    renamed = ImageRenamed(image_id=ID, name="Anna.jpg")
    await log.append(append(STREAM, uploaded(ID), renamed, renamed))
    async with aclosing(log.follow(0)) as following:
        assert (await anext(following)).event == uploaded(ID)
        await log.forget([STREAM])
        later = [await anext(following), await anext(following)]
    assert [each.position for each in later] == [2, 3]
    assert [each.event for each in later] == [ImageRenamed(image_id=ID)] * 2


async def test_a_stream_goes_on_when_it_is_forgotten(log: EventLog) -> None:
    """With what is not personal."""
    await log.append(append(STREAM, uploaded(ID)))
    await log.forget([STREAM])
    await log.append(append(STREAM, ImageDeleted(image_id=ID), expect=1))
    assert [each.version for each in await log.read_stream(STREAM)] == [1, 2]
