"""The log read while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.events import ImageDeleted
from infrastructure.sqlite import scan
from infrastructure.sqlite.keys import Keys
from infrastructure.sqlite.ledger import Ledger
from infrastructure.sqlite.scan import Scan
from tests.examples import append


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Keys(tmp_path / "keys.db")) as keys, closing(Ledger(tmp_path / "log.db", keys)) as made:
        yield made


def write(ledger: Ledger, count: int) -> None:
    for _ in range(count):
        ledger.record(append("image-1", ImageDeleted(image_id="1")))


@pytest.mark.parametrize(("each", "seen"), [(0, 100), (2, 126), (10, 100)])
def test_a_writer_is_followed_unless_it_is_as_fast(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, each: int, seen: int
) -> None:
    """`each`: what it writes while ten events are read. In order and without gap, however far it goes."""
    monkeypatch.setattr(scan, "PAGE", 10)
    write(ledger, 100)
    positions: list[int] = []
    with closing(Scan(tmp_path)) as reader:
        for page in reader.pages(after=0):
            positions.extend(event.position for event in page)
            write(ledger, each)
    assert positions == list(range(1, len(positions) + 1))
    assert len(positions) == seen
