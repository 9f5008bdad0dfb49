"""What was ever written in a log, one file for each event, version and form of it.

`<type>.<version>.<form>.json` holds a payload exactly as it stands in the log and the event that it is.
A version has a second form when a field with a default was added to it. Payloads never change again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.events import Event, WireName
from infrastructure.log.serialization import SealedBox, Written, read, write
from infrastructure.sqlite.keys import unseal
from tests.goldens.values import example

FOLDER: Final = Path(__file__).parent / "events"

EVENT_ID: Final = bytes(range(16))
_KEY_NUMBER: Final = 7
_KEY: Final = bytes(range(32))
_NONCE: Final = bytes(range(12))


class Golden(NamedTuple):
    path: Path
    written: Written
    event: dict[str, Any]
    erased: dict[str, Any]
    """The event as it is when the key of its personal values has been destroyed."""

    @property
    def wire(self) -> WireName:
        return WireName(self.written.type, self.written.schema_version)


def goldens() -> list[Golden]:
    """All that are checked in, older forms first."""
    return sorted(map(_load, FOLDER.glob("*.json")), key=lambda golden: _order(golden.path))


def seal(personal: bytes) -> SealedBox:
    """As a log does, but the same each time."""
    return SealedBox(_KEY_NUMBER, _NONCE + AESGCM(_KEY).encrypt(_NONCE, personal, EVENT_ID))


def decoded(written: Written) -> dict[str, Any] | None:
    return _data(read(written, lambda box: unseal(_KEY, box, EVENT_ID)))


def erased(written: Written) -> dict[str, Any] | None:
    return _data(read(written, lambda _: None))


def as_written_today(cls: type[Event]) -> Written:
    return write(example(cls), seal)


def update(wire_names: dict[type[Event], WireName]) -> None:
    """Add a golden where today's encoder writes what none of them has; say anew how old versions read.

    A payload that is there stays as it is.
    """
    newest = {golden.wire: golden for golden in goldens()}
    for cls, wire in wire_names.items():
        written = as_written_today(cls)
        if wire not in newest or newest[wire].written != written:
            form = _order(newest[wire].path)[2] + 1 if wire in newest else 1
            _save(FOLDER / f"{wire.name}.{wire.version}.{form}.json", written)
    present = set(wire_names.values())
    for golden in goldens():
        if golden.wire not in present:
            _save(golden.path, golden.written)


def differences(was: dict[str, Any], now: dict[str, Any] | None) -> Iterator[str]:
    """Where an event is read otherwise than it was; what came later, however deep, is no difference."""
    if now is None:
        yield "it is not known any more"
    else:
        yield from (
            f"{name}: {value!r}, now {now.get(name)!r}"
            for name, value in was.items()
            if name not in now or not _holds(value, now[name])
        )


def _holds(was: Any, now: Any) -> bool:  # noqa: ANN401
    match was, now:
        case dict(), dict():
            return all(name in now and _holds(value, now[name]) for name, value in was.items())
        case list(), list():
            return len(was) == len(now) and all(map(_holds, was, now))
        case _:
            return bool(was == now)


def _save(path: Path, written: Written) -> None:
    content = {**written._asdict(), "event": decoded(written), "erased": erased(written)}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _load(path: Path) -> Golden:
    content = json.loads(path.read_text(encoding="utf-8"))
    written = Written(content["type"], content["schema_version"], content["payload"])
    return Golden(path, written, content["event"], content["erased"])


def _order(path: Path) -> tuple[str, int, int]:
    name, version, form, _ = path.name.split(".")
    return name, int(version), int(form)


def _data(event: Event | None) -> dict[str, Any] | None:
    """An event as JSON would have it."""
    return None if event is None else json.loads(msgspec.json.encode(asdict(event)))
