"""`darkroom log tail | show | grep | stats`: what is in the log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from domain.cursor import encode_cursor
from domain.errors import UnknownName
from domain.events import WIRE_NAMES
from domain.ports.log import RecordedEvent
from gql.commands.command import DONE, FAILED, Arguments, Commands, add_command
from gql.commands.log_places import PLACE, event_position, position
from gql.commands.output import print_event, print_json, print_table, printable
from infrastructure.log.columns import as_columns
from infrastructure.log.serialization import RELEASED
from infrastructure.settings import Settings
from infrastructure.sqlite.ledger import DamagedEvent
from infrastructure.sqlite.log_file import LogFile, open_log

LAST: Final = 10
_LOOK_EVERY: Final = 0.2
"""Seconds; another process writes the log, and nobody tells this one."""

_PERIODS: Final = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def add_to(actions: Commands) -> None:
    tail = add_command(
        actions,
        "tail",
        _tail,
        "print events, one a line",
        f"Without --after the last {LAST}. Personal values are shown as far as their keys exist.",
    )
    tail.add_argument("--after", metavar="PLACE", help=f"all events after {PLACE}")
    tail.add_argument("--follow", action="store_true", help="go on with what is appended, until interrupted")
    tail.add_argument("--type", action="append", default=[], help="only of this type; may be repeated")
    tail.add_argument("--image", metavar="ID", help="only of this image, such as img_ and 32 hex digits")
    _add_json(tail)

    show = add_command(actions, "show", _show, "print one event with every column of the log")
    show.add_argument("place", metavar="POSITION", help=PLACE)
    _add_json(show)

    grep = add_command(
        actions,
        "grep",
        _grep,
        "print the events that contain a text",
        "Looked at are the values of events, personal ones included, their streams, actors and command "
        "ids. Upper and lower case are the same. Exit code 1 says that there is none.",
    )
    grep.add_argument("text", metavar="TEXT")
    _add_json(grep)

    stats = add_command(
        actions,
        "stats",
        _stats,
        "count events by type, with sizes, rates and unknown types",
    )
    _add_json(stats)


def _add_json(parser: Any) -> None:  # noqa: ANN401  (argparse's parsers)
    parser.add_argument("--json", action="store_true", help="JSON, for programs")


# -- tail


@dataclass(frozen=True, slots=True)
class _Wanted:
    types: frozenset[str]
    image: str | None

    def has(self, recorded: RecordedEvent) -> bool:
        return (not self.types or recorded.type in self.types) and (
            self.image is None or getattr(recorded.event, "image_id", None) == self.image
        )


def _tail(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data) as log:
        wanted = _Wanted(frozenset(_known(log, name) for name in arguments.type), _image(arguments.image))
        if arguments.after is None:
            head = log.head
            found: Iterable[RecordedEvent] = _last(log, head, wanted)
        else:
            after, head = position(log, arguments.after), log.head
            found = filter(wanted.has, log.events(after, head))
        for recorded in found:
            print_event(recorded, log.store_id, json=arguments.json)
        if arguments.follow:
            _follow(log, head, wanted, json=arguments.json)
    return DONE


def _image(global_id: str | None) -> str | None:
    """Raises InvalidId."""
    if global_id is None:
        return None
    from gql.schema.ids import parse_image_id  # noqa: PLC0415  (with it comes the whole schema)

    return parse_image_id(global_id, field="image")


def _last(log: LogFile, head: int, wanted: _Wanted) -> list[RecordedEvent]:
    backward = (log.event(row) for row, _ in log.backward(head + 1))
    return list(islice(filter(wanted.has, backward), LAST))[::-1]


def _follow(log: LogFile, after: int, wanted: _Wanted, *, json: bool) -> None:
    while True:
        head = log.head
        for recorded in filter(wanted.has, log.events(after, head)):
            print_event(recorded, log.store_id, json=json)
        after = head
        sys.stdout.flush()
        time.sleep(_LOOK_EVERY)


def _known(log: LogFile, name: str) -> str:
    """A type that this version knows, or that the log has from a newer one. Raises UnknownName."""
    known = {wire_name.name for wire_name in WIRE_NAMES.values()}
    if name not in known and not (name.isprintable() and log.has_type(name)):
        raise UnknownName("event type", name, known)
    return name


# -- show


def _show(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data) as log:
        place = event_position(log, arguments.place)
        row, digest = log.row(place)
        damage: str | None = None
        event: object = None
        try:
            event = log.event(row).event
        except DamagedEvent as error:
            damage = str(error)
        shown = msgspec.to_builtins(as_columns(row, digest)) | {
            "cursor": encode_cursor(log.store_id, place),
            "recorded_at": datetime.fromtimestamp(row.recorded_at / 1_000_000, UTC),
            "event": event,
            "damage": damage,
        }
    if arguments.json:
        print_json(shown)
    else:
        for name, value in shown.items():
            _print_field(name, value)
    return DONE if damage is None else FAILED


def _print_field(name: str, value: object) -> None:
    if name == "event" and value is not None:
        print("event")
        for field, item in msgspec.to_builtins(value).items():
            print(f"  {field:<15}  {printable(msgspec.json.encode(item).decode())}")
    else:
        print(f"{name:<17}  {printable('' if value is None else str(value))}")


# -- grep


def _grep(arguments: Arguments, settings: Settings) -> int:
    text, found = arguments.text.casefold(), 0
    with open_log(settings.data) as log:
        for recorded in log.events(0, log.head):
            if any(text in value.casefold() for value in _texts(recorded)):
                found += 1
                print_event(recorded, log.store_id, json=arguments.json)
    return DONE if found else FAILED


def _texts(recorded: RecordedEvent) -> Iterator[str]:
    yield from (recorded.type, recorded.stream, recorded.actor, recorded.command_id)
    yield from _leaves(msgspec.to_builtins(recorded.event))


def _leaves(value: object) -> Iterator[str]:
    match value:
        case dict():
            for item in value.values():
                yield from _leaves(item)
        case list() | tuple():
            for item in value:
                yield from _leaves(item)
        case None:
            return
        case _:
            yield str(value)


# -- stats


def _stats(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data) as log:
        stats = _gathered(log, settings.data)
    if arguments.json:
        print_json(stats)
    else:
        _print_stats(stats)
    return DONE


def _gathered(log: LogFile, folder: Path) -> dict[str, Any]:
    head, now = log.head, datetime.now(UTC)
    types = [
        {
            "type": name,
            "schema_version": version,
            "events": count,
            "payload_bytes": size,
            "known": (name, version) in RELEASED.classes,
        }
        for name, version, count, size in log.types()
    ]
    return {
        "store_id": log.store_id,
        "events": head,
        "first": None if head == 0 else log.recorded_at(1),
        "last": None if head == 0 else log.recorded_at(head),
        "in_the_last": {name: head - log.position_at(now - period) for name, period in _PERIODS.items()},
        "file_bytes": {name: _size(folder, name) for name in ("log.db", "keys.db")},
        "unknown_events": sum(each["events"] for each in types if not each["known"]),
        "types": types,
    }


def _size(folder: Path, name: str) -> int:
    """With what waits in the write-ahead log."""
    return sum(path.stat().st_size for path in (folder / name, folder / f"{name}-wal") if path.exists())


def _print_stats(stats: dict[str, Any]) -> None:
    print(f"store      {stats['store_id']}")
    print(f"events     {stats['events']}, from {stats['first']} to {stats['last']}")
    print("appended   " + ", ".join(f"{n} in the last {name}" for name, n in stats["in_the_last"].items()))
    print("files      " + ", ".join(f"{name} {size} bytes" for name, size in stats["file_bytes"].items()))
    print(f"unknown    {stats['unknown_events']} events of types that a newer version wrote: kept, not shown")
    rows: list[tuple[str, ...]] = [("type", "version", "events", "payload bytes", "known")]
    for each in stats["types"]:
        numbers = (each["schema_version"], each["events"], each["payload_bytes"])
        rows.append((each["type"], *map(str, numbers), "yes" if each["known"] else "no"))
    print_table(rows)
