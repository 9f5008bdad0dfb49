"""Events as they stand in the log."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import WIRE_NAMES, Event, ImageReverted, RenderingFinished
from domain.provenance import Source, Tag
from domain.query import ImageFilter, Range, Selection
from domain.recipe import Step
from infrastructure.log.serialization import DamagedPayload, SealedBox, Written, read, write
from tests.examples import uploaded

json_values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text()
steps = st.builds(Step, operation=st.text(), parameters=st.dictionaries(st.text(), json_values, max_size=3))


numbers = st.builds(Range, lt=st.none() | st.integers(0, 2**53))
moments = st.builds(Range, gte=st.datetimes(timezones=st.just(UTC)))
filters = st.builds(
    ImageFilter, width=numbers, height=numbers, byte_size=numbers, uploaded_at=moments, taken_at=moments
)
descriptions = st.dictionaries(st.sampled_from(Source), st.text())

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(Step, steps)
st.register_type_strategy(Selection, st.builds(Selection, filter=st.none() | filters))
st.register_type_strategy(
    ImageReverted, st.builds(ImageReverted, descriptions=descriptions, tags=st.tuples(st.builds(Tag)))
)
st.register_type_strategy(
    RenderingFinished, st.builds(RenderingFinished, made_with=st.dictionaries(st.text(), st.text()))
)


def seal(personal: bytes) -> SealedBox:
    return SealedBox(7, personal[::-1])


def open_box(box: SealedBox) -> bytes:
    return box.box[::-1]


@pytest.mark.parametrize("cls", list(WIRE_NAMES), ids=lambda cls: cls.__name__)
def test_every_event_comes_back_as_it_was(cls: type) -> None:
    """Whatever is in it."""

    @given(st.from_type(cls))
    def round_trip(event: Event) -> None:
        assert read(write(event, seal), open_box) == event

    round_trip()


def test_personal_values_do_not_stand_in_the_payload() -> None:
    """Neither do their names, only a box and the number of its key."""
    event = uploaded(name="Grandma.jpg", description="in Rome", tags=("Grandma",))
    payload = write(event, lambda _: SealedBox(7, b"...")).payload
    assert "Grandma" not in payload
    assert "Rome" not in payload
    assert json.loads(payload)["sealed"] == {"key": 7, "box": "Li4u"}
    assert "name" not in json.loads(payload)


def test_what_was_erased_reads_as_nothing() -> None:
    """The rest of the event stays."""
    event = uploaded(name="Grandma.jpg", tags=("Grandma",))
    assert read(write(event, seal), lambda _: None) == uploaded(name="", description="", tags=())


def test_an_unknown_type_is_kept_and_not_understood() -> None:
    """A later version may have written it."""
    assert read(Written("ImagePainted", 1, "{}"), open_box) is None
    assert read(Written("ImageUploaded", 99, "{}"), open_box) is None


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"image_id":1}',
        '{"image_id":"a"}',
        '{"image_id":"a","sealed":null}',
        '{"image_id":"a","sealed":{"key":7,"box":"?"}}',
        '{"image_id":"a","sealed":{"key":7,"box":"e30e"}}',
        "[" * 100_000,
    ],
)
def test_a_known_type_that_does_not_decode_is_damage(payload: str) -> None:
    """It is not mistaken for one that is unknown, and no error of the program."""
    with pytest.raises(DamagedPayload):
        read(Written("ImageRenamed", 1, payload), open_box)


def test_every_field_has_a_type_that_is_written() -> None:
    """A field that JSON cannot hold would fail only in use."""
    for cls in WIRE_NAMES:
        for hint in get_type_hints(cls).values():
            decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(hint)
            assert decoder.type is hint
