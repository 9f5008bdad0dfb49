"""What an idle server costs, and how long it takes to be there."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median

from bench.report import Row
from bench.servers import darkroom, flask

ROUNDS = 7


async def measure() -> list[Row]:
    started: list[list[float]] = [[], []]
    memory: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for side, start in enumerate((darkroom, flask)):
            with tempfile.TemporaryDirectory() as name:
                async with start(Path(name) / "data") as server:
                    await asyncio.sleep(0.5)
                    started[side].append(server.started_in)
                    memory[side].append(server.memory / 1e6)
    return [
        Row("start to first answer", "s", median(started[0]), median(started[1]), "Flask + cv2 + sqlite3"),
        Row("idle memory", "MB", median(memory[0]), median(memory[1]), "the same"),
    ]
