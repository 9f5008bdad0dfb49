"""`make bench`: every comparison, as one table. Names of comparisons as arguments choose some."""

from __future__ import annotations

import asyncio
import os
import platform
import sqlite3
import sys
from importlib.metadata import version

import uvloop

from infrastructure.pixels.environment import prepare

prepare(50_000_000, 32_768)

from bench import (  # noqa: E402  (OpenCV reads its limits at import)
    appends,
    cached,
    footprint,
    isolation,
    lists,
    memory,
    operations,
    rebuild,
    serving,
    subscribers,
    uploads,
)
from bench.report import Row, table  # noqa: E402

MEASURES = {
    "uploads": uploads.measure,
    "appends": appends.measure,
    "subscribers": subscribers.measure,
    "rebuild": rebuild.measure,
    "lists": lists.measure,
    "footprint": footprint.measure,
    "serving": serving.measure,
    "cached": cached.measure,
    "isolation": isolation.measure,
    "memory": memory.measure,
    "operations": operations.measure,
}
VERSIONS = ("opencv-python-headless", "strawberry-graphql", "uvicorn", "flask", "eventsourcing")


def main(names: list[str]) -> None:
    unknown = set(names) - set(MEASURES)
    if unknown:
        sys.exit(f"There is no comparison named {', '.join(unknown)}. Known: {', '.join(MEASURES)}.")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as Darkroom runs
        rows = [row for name in names or MEASURES for row in _measured(name, runner)]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    print(machine, *(f"{name} {version(name)}" for name in VERSIONS), sep=", ")
    print()
    print(table(rows))


def _measured(name: str, runner: asyncio.Runner) -> list[Row]:
    print(f"Measuring {name} ...", file=sys.stderr)
    return runner.run(MEASURES[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
