"""What was ever written is read as it was meant, and what is written today is what was released."""

from __future__ import annotations

import pytest

from domain.events import WIRE_NAMES, Event
from infrastructure.log.serialization import RELEASED
from tests.goldens.corpus import Golden, as_written_today, decoded, differences, erased, goldens

GOLDENS = goldens()
NEWEST = {golden.wire: golden for golden in GOLDENS}
HOW = "`make goldens` adds what is missing. A golden that was released is never changed."


def test_every_event_and_version_has_its_golden() -> None:
    """And nothing that was released is unknown today: this list only ever grows."""
    kept = {(golden.written.type, golden.written.schema_version) for golden in GOLDENS}
    assert kept == set(RELEASED.classes), HOW


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.path.stem)
def test_what_was_ever_written_is_read_as_it_says(golden: Golden) -> None:
    """With its personal values, and without them when their key is gone."""
    assert list(differences(golden.event, decoded(golden.written))) == []
    assert list(differences(golden.erased, erased(golden.written))) == []


@pytest.mark.parametrize("cls", list(WIRE_NAMES), ids=lambda cls: cls.__name__)
def test_an_event_is_written_as_it_was_released(cls: type[Event]) -> None:
    """Byte for byte: the payload is what the chain hashes, and what other programs read."""
    assert as_written_today(cls) == NEWEST[WIRE_NAMES[cls]].written, HOW
