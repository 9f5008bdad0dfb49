"""Pictures that are there already, beside Starlette with one in its memory."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from bench import peers
from bench.connection import Connection
from bench.contender import Contender
from bench.photos import camera_photographs
from bench.pictures import at_rest, uploaded, urls
from bench.report import Row
from bench.servers import darkroom, starlette

ROUNDS: Final = 9
REQUESTS: Final = 1500
STEPS: Final = [{"resize": {"width": 300, "height": 300, "fit": "COVER"}}]
LEAST: Final = 0.7


async def measure() -> list[Row]:
    """Requests for each CPU second of the server, one client for each of four pictures."""
    await peers.fetched()
    photographs = (await asyncio.to_thread(camera_photographs, peers.photographs()))["2 MP"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with darkroom(folder / "darkroom", transforms="signed") as ours:
            images = await uploaded(ours, photographs)
            given = [await urls(ours, image, STEPS, 300) for image in images]
            await at_rest(ours)
            (folder / "picture.jpg").write_bytes(await Connection(ours.port).get(given[0].transform))
            async with starlette(folder / "picture.jpg") as theirs:
                bare = Contender(theirs, ["/picture"] * len(given))
                cached = Contender(ours, [each.transform for each in given])
                rendition = Contender(ours, [each.renditions[0] for each in given])
                for _ in range(ROUNDS):
                    for contender in (bare, cached, rendition):
                        await contender.run(REQUESTS)
    return [
        *_rows("a picture made a moment ago", cached, bare),
        *_rows("a rendition read a moment ago", rendition, bare),
    ]


def _rows(what: str, ours: Contender, bare: Contender) -> list[Row]:
    peer = "Starlette, from memory"
    return [
        Row(what, "/CPU-s", ours.per_cpu_second, bare.per_cpu_second, peer, least=LEAST),
        Row(what, "/s", ours.per_second, bare.per_second, peer),
    ]
