"""Events of earlier versions, in a registry of made-up events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from domain.events import Event, Personal, WireName
from infrastructure.log.serialization import DamagedPayload, Open, Registry, SealedBox, Written, read, write
from infrastructure.log.upcasting import Data, upcast


@dataclass(frozen=True, kw_only=True)
class PictureTaken:
    """Version 3. Version 1 had `size` "WxH" and `photographer` "first last"; version 2 split the size."""

    width: int
    height: int
    first_name: Personal[str] = ""
    last_name: Personal[str] = ""


def split_size(data: Data) -> Data:
    width, height = map(int, data["size"].split("x"))
    return {name: value for name, value in data.items() if name != "size"} | {
        "width": width,
        "height": height,
    }


def split_name(data: Data) -> Data:
    if "photographer" not in data:  # erased
        return data
    first, last = data["photographer"].split(" ")
    return {n: v for n, v in data.items() if n != "photographer"} | {"first_name": first, "last_name": last}


UPCASTERS = {WireName("PictureTaken", 1): split_size, WireName("PictureTaken", 2): split_name}
REGISTRY = Registry({PictureTaken: WireName("PictureTaken", 3)}, UPCASTERS)
TODAY = PictureTaken(width=640, height=480, first_name="Giulia", last_name="Rossi")

SEALED = '"sealed":{"key":1,"box":"eyJwaG90b2dyYXBoZXIiOiJHaXVsaWEgUm9zc2kifQ=="}'
FIRST = Written("PictureTaken", 1, f'{{"size":"640x480",{SEALED}}}')
SECOND = Written("PictureTaken", 2, f'{{"width":640,"height":480,{SEALED}}}')


def opened(box: SealedBox) -> bytes:
    return box.box


def understood(written: Written, open_box: Open = opened, registry: Registry = REGISTRY) -> Any:  # noqa: ANN401
    return read(written, open_box, registry)


@pytest.mark.parametrize("written", [FIRST, SECOND])
def test_every_version_is_read_as_the_class_of_today(written: Written) -> None:
    """One step after the other, personal values included."""
    assert understood(written) == TODAY


def test_today_is_written_in_todays_version() -> None:
    """And read without any step."""
    written = write(cast("Event", TODAY), lambda personal: SealedBox(1, personal), REGISTRY)
    assert written.schema_version == 3
    assert understood(written) == TODAY


def test_what_was_erased_stays_so_through_every_step() -> None:
    """A step meets data without the personal values."""
    assert understood(FIRST, lambda _: None) == PictureTaken(width=640, height=480)


def test_a_version_that_no_step_begins_at_is_unknown() -> None:
    """One that is newer, too."""
    only_second = Registry(REGISTRY.wire_names, {WireName("PictureTaken", 2): split_name})
    assert understood(FIRST, registry=only_second) is None
    assert understood(SECOND, registry=only_second) == TODAY
    assert understood(FIRST._replace(schema_version=4)) is None


def test_a_step_that_leads_nowhere_is_a_mistake() -> None:
    """Found at the first event, whichever that is."""
    with pytest.raises(TypeError, match="leads to no event"):
        understood(SECOND, registry=Registry(REGISTRY.wire_names, {WireName("PictureTkane", 2): split_name}))


@pytest.mark.parametrize("size", ["640", "wide", "640xwide"])
def test_a_step_that_finds_other_data_tells_of_damage(size: str) -> None:
    """It is no error of the program."""
    with pytest.raises(DamagedPayload):
        understood(FIRST._replace(payload=f'{{"size":"{size}",{SEALED}}}'))


def test_steps_do_not_change_what_they_are_given() -> None:
    """They are functions."""
    data = {"size": "1x2", "photographer": "A B"}
    assert upcast(data, WireName("PictureTaken", 1), 3, UPCASTERS) == {
        "width": 1,
        "height": 2,
        "first_name": "A",
        "last_name": "B",
    }
    assert data == {"size": "1x2", "photographer": "A B"}
