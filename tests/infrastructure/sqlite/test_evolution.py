"""Events that this version does not know, and such as are not what was written."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from domain.events import WireName
from infrastructure.sqlite.ledger import DamagedEvent
from infrastructure.sqlite.store import open_store
from tests.examples import append, uploaded
from tests.logs import add_row, change_payload

ID = "a" * 32


async def make(folder: Path) -> None:
    async with open_store(folder) as store:
        await store.log.append(append(f"image-{ID}", uploaded(ID)))


async def test_an_unknown_event_is_kept_counted_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever goes back to an older version loses nothing, and is told."""
    await make(tmp_path)
    for _ in range(2):
        add_row(tmp_path, "ImagePainted", '{"colour": "red"}')
    add_row(tmp_path, "ImageDeleted", schema_version=2)
    with caplog.at_level(logging.WARNING):
        async with open_store(tmp_path) as store:
            assert store.writer.unknown_events == {
                WireName("ImagePainted", 1): 2,
                WireName("ImageDeleted", 2): 1,
            }
            events = await store.log.read(0, 10)
            assert [recorded.position for recorded in events] == [1, 2, 3, 4]
            assert [recorded.event is None for recorded in events] == [False, True, True, True]
            assert (await store.log.append(append("image-2", uploaded("b" * 32)))).position == 5
    assert "2 of the event ImagePainted version 1" in caplog.text
    assert "1 of the event ImageDeleted version 2" in caplog.text


async def test_the_count_of_unknown_events_survives_a_restart(tmp_path: Path) -> None:
    """It is of all of the log, not of what was read at this start."""
    await make(tmp_path)
    for expected in (1, 2):
        add_row(tmp_path, "ImagePainted")
        async with open_store(tmp_path) as store:
            assert store.writer.unknown_events == {WireName("ImagePainted", 1): expected}


@pytest.mark.parametrize("payload", ["{", '{"image_id": 5}'])
async def test_damage_is_told_with_its_position(tmp_path: Path, payload: str) -> None:
    """While it runs, and after the next start that has to fold it: all before it is shown."""
    await make(tmp_path)
    async with open_store(tmp_path) as store:
        await store.log.append(append("image-2", uploaded("b" * 32)))
        change_payload(tmp_path, 2, payload)
        with pytest.raises(DamagedEvent, match="position 2, ImageUploaded version 1, is damaged"):
            await store.log.read(0, 10)
        assert len(await store.log.read(0, 1)) == 1
    for path in tmp_path.glob("read-*"):
        path.unlink()
    async with open_store(tmp_path) as store:
        assert store.log.head == 1
        assert "stopped at position 1: The event at position 2, ImageUploaded" in (
            store.writer.projection_error or ""
        )
