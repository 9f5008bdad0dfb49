"""Clocks that jump, stand still and run backwards: positions say the order, whatever time it is."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.paging import micros
from domain.query import ImageOrder, ImageQuery, SortKey
from infrastructure.sqlite.store import open_store
from infrastructure.verification import Kind, verify
from tests.examples import OWNER, append, new_id, uploaded

SECOND: Final = 1_000_000
NOW: Final = 1_790_000_000 * SECOND
YEAR_2200: Final = 7_258_000_000 * SECOND

readings = st.integers(-SECOND, YEAR_2200) | st.sampled_from([0, NOW, NOW + 1, NOW - 3600 * SECOND])
lives = st.lists(st.lists(readings, min_size=1, max_size=5), min_size=1, max_size=3)


@given(lives)
@example([[NOW] * 4, [NOW] * 4])
@example([[NOW, NOW - SECOND, NOW - 2 * SECOND], [0], [NOW + SECOND]])
@example([[YEAR_2200], [NOW, NOW + 1]])
@settings(max_examples=10, deadline=None)
def test_order_comes_from_positions(lives: list[list[int]]) -> None:
    """Each life of the store has a clock of its own; times never run backwards, not even over a restart."""
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_lived(Path(name), lives))
        found = {finding.kind for finding in verify(Path(name))}
        assert not found & {Kind.EVENT, Kind.ORDER, Kind.READ_MODEL}


async def _lived(folder: Path, lives: list[list[int]]) -> None:
    image_ids: list[str] = []
    for life in lives:
        async with open_store(folder, now=partial(next, iter(life))) as store:
            for _ in life:
                image_ids.append(image_id := new_id())
                appended = await store.log.append(append(f"image-{image_id}", uploaded(image_id)))
                assert appended.position == len(image_ids)
            recorded = await store.log.read(0, 100)
            order = ImageOrder(SortKey.UPLOADED_AT, descending=False)
            page = (await store.read_model.images(ImageQuery(owner=OWNER, order=order, limit=100))).value
    assert [event.position for event in recorded] == list(range(1, len(image_ids) + 1))
    assert [event.stream for event in recorded] == [f"image-{image_id}" for image_id in image_ids]
    assert [image.image_id for image in page.images] == image_ids
    told = [tick for life in lives for tick in life]
    expected = [max(0, latest) for latest in accumulate(told, max)]
    assert [micros(event.recorded_at) for event in recorded] == expected
