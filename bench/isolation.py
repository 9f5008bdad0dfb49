"""What it costs that files are decoded in worker processes which are locked in, and not in threads."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import peers
from bench.contender import Contender
from bench.photos import camera_photographs
from bench.pictures import at_rest, uploaded, urls
from bench.report import Row
from bench.servers import Server, darkroom

ROUNDS: Final = 9
REQUESTS: Final = {"2 MP": 24, "12 MP": 8}
STEPS: Final = [{"resize": {"width": 300, "height": 300, "fit": "COVER"}}]
MOST: Final = {"2 MP": 1.13, "12 MP": 1.03}


async def measure() -> list[Row]:
    """CPU milliseconds for a picture made from its original on request."""
    await peers.fetched()
    photographs = await asyncio.to_thread(camera_photographs, peers.photographs())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            darkroom(folder / "worker", transforms="signed", picture_cache="0", isolation="worker") as worker,
            darkroom(folder / "thread", transforms="signed", picture_cache="0", isolation="thread") as thread,
        ):
            rows = []
            for size, requests in REQUESTS.items():
                pair = [await _contender(server, photographs[size]) for server in (worker, thread)]
                for server in (worker, thread):
                    await at_rest(server)
                for _ in range(ROUNDS):
                    for contender in pair:
                        await contender.run(requests)
                ours, theirs = (1000 / each.per_cpu_second for each in pair)
                what = f"300 x 300 from the original of {size}, in a worker"
                rows.append(Row(what, "ms", ours, theirs, "in a thread of the server", most=MOST[size]))
            return rows


async def _contender(server: Server, photographs: Sequence[bytes]) -> Contender:
    images = await uploaded(server, photographs)
    return Contender(server, [(await urls(server, image, STEPS, 300)).transform for image in images])
