"""What commands print: events as text or JSON, and bars for what takes long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec

from domain.cursor import encode_cursor
from domain.ports.log import RecordedEvent
from infrastructure.verification import Finding, Kind


def print_json(value: object) -> None:
    """One value on one line, as programs read it."""
    print(msgspec.json.encode(value).decode())


def printable(text: str) -> str:
    """Without what a terminal would obey: names of files come from strangers."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def as_json(recorded: RecordedEvent, store_id: str) -> dict[str, Any]:
    """An event with its envelope, by the names of the log's columns; `event` null where it is unknown."""
    values: dict[str, Any] = recorded._asdict()
    return {
        **values,
        "cursor": encode_cursor(store_id, recorded.position),
        "event_id": recorded.event_id.hex(),
    }


def as_line(recorded: RecordedEvent) -> str:
    """Position, time, type, stream, and the event's fields."""
    time = recorded.recorded_at.strftime("%Y-%m-%d %H:%M:%S.%f")
    if recorded.event is None:
        fields = "(written by a newer version of Darkroom)"
    else:
        fields = msgspec.json.encode(recorded.event).decode()
    return f"{recorded.position:>8}  {time}  " + printable(
        f"{recorded.type:<22}  {recorded.stream}  {fields}"
    )


def print_event(recorded: RecordedEvent, store_id: str, *, json: bool) -> None:
    if json:
        print_json(as_json(recorded, store_id))
    else:
        print(as_line(recorded))


def print_table(rows: list[tuple[str, ...]]) -> None:
    """The first column to the left, numbers to the right; the first row is the heading."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        first, *others = (printable(cell) for cell in row)
        cells = [first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(others, widths[1:], strict=True))]
        print("  ".join(cells).rstrip())


def print_findings(findings: Iterable[Finding], *, json: bool = False) -> set[Kind]:
    """What is wrong, as it is found, and how much it was; answers of which kinds."""
    kinds: list[Kind] = []
    for finding in findings:
        kinds.append(finding.kind)
        if json:
            print_json(finding)
        else:
            print(printable(f"{finding.kind}: {finding.place}: {finding.message}"))
    if not json:
        print(f"{len(kinds)} findings." if kinds else "Nothing is wrong.", file=sys.stderr)
    return set(kinds)


@contextmanager
def bar(about: str, total: int | None, unit: str = " events") -> Iterator[Callable[[int], object]]:
    """A bar on standard error, where that is a terminal; the result is told of every step."""
    from tqdm import tqdm  # noqa: PLC0415  (only what takes long needs it)

    with tqdm(desc=about, total=total, unit=unit, file=sys.stderr, disable=None, unit_scale=True) as shown:
        yield shown.update


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each part of the work, told its name, how much is done, and of how much."""
    with ExitStack() as stack:
        current: str | None = None
        before = 0
        advance: Callable[[int], object] = bool

        def progress(name: str, done: int, total: int) -> None:
            nonlocal current, before, advance
            if name != current:
                stack.close()
                advance = stack.enter_context(bar(name, total, unit=""))
                current, before = name, 0
            advance(done - before)
            before = done

        yield progress
