"""A server that is killed a hundred times under load, and what must be true of it all the same.

`KILLS` says how often it is killed, `SEED` makes the same choices again (the moments remain those of
the machine). Two servers on two folders take their turns at once: a start is a second of one core.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.crash.inspection import Findings
from tests.crash.lane import Lane
from tests.server import running_server

KILLS: Final = int(os.environ.get("KILLS", "100"))
LANES: Final = ("worker", "thread") if sys.platform == "linux" else ("thread", "thread")
"""Where pixels are worked on, in each."""

EXHAUSTED: Final = 0.05
"""The part of renditions that may have been killed three times in their midst, as some are by chance where
no server lives for half a second; and `FEW` more, for when there were few kills."""

FEW: Final = 8


async def opened(folder: Path, seed: int, isolation: str) -> Lane:
    """A folder with an empty log, and the cursor of its beginning."""
    async with running_server(folder) as server:
        cursor = await server.head()
    return Lane(folder, seed, cursor, isolation)


async def test_whatever_was_acknowledged_survives_every_kill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is lost, nothing is done twice, nothing is there that was refused, nobody misses a thing."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
    say(capsys, f"\n{KILLS} kills, SEED={seed}")
    begun = time.monotonic()
    lanes = [
        await opened(tmp_path / f"data-{number}", seed + number, isolation)
        for number, isolation in enumerate(LANES)
    ]
    shares = [KILLS // len(LANES) + (number < KILLS % len(LANES)) for number in range(len(LANES))]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(lane.run(kills)) for lane, kills in zip(lanes, shares, strict=True)]
    findings = [task.result() for task in running]
    say(capsys, *summary(lanes, findings), f"{time.monotonic() - begun:.0f} s")

    assert sum(lane.kills for lane in lanes) == KILLS
    for lane in lanes:
        before, complaint, rest = lane.server.told.partition("Traceback")
        assert not complaint, before[-500:] + complaint + rest[:5000]
    failures = sum((found.failures for found in findings), Counter[str]())
    renditions = sum(len(found.renditions) for found in findings)
    assert failures.keys() <= {"ATTEMPTS_EXHAUSTED"}
    assert failures.total() <= EXHAUSTED * renditions + FEW


def summary(lanes: list[Lane], findings: list[Findings]) -> list[str]:
    attempts = sum((found.attempts for found in findings), Counter[int]())
    failures = sum((found.failures for found in findings), Counter[str]())
    return [
        f"{sum(len(found.events) for found in findings)} events",
        f"{sum(len(lane.book.images) for lane in lanes)} images acknowledged",
        f"{sum(len(lane.book.refused) for lane in lanes)} uploads refused",
        f"{sum(len(lane.book.forgotten) for lane in lanes)} uploads cut off and not repeated",
        f"{sum(lane.book.repeated for lane in lanes)} commands repeated",
        f"renderings by attempts {dict(sorted(attempts.items()))}, failed {dict(failures)}",
        f"{sum(found.orphans for found in findings)} blobs without an image",
    ]


def say(capsys: pytest.CaptureFixture[str], *parts: str) -> None:
    with capsys.disabled():
        print(", ".join(parts))
