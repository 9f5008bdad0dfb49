"""Pictures made on request, from files on the disk and kept by nobody, beside ipx (sharp) and thumbor.

All serve the same photographs, one client for each of four, as JPEGs of the same size. From the original:
signed transforms, quality 80 everywhere. From the proxy that was made at ingest: previews, whose quality is
85. What counts is CPU of all processes of a server, for the machine is shared with the clients.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench import peers
from bench.contender import Contender
from bench.photos import SIZES, camera_photographs
from bench.pictures import at_rest, proxies_made, uploaded, urls
from bench.report import Row
from bench.servers import Server, darkroom

ROUNDS: Final = 7
REQUESTS: Final = {"2 MP": 24, "12 MP": 8, "49 MP": 2}
"""Of each client in a round."""


class Target(NamedTuple):
    """A picture wanted, as each server is asked for it."""

    name: str
    steps: list[dict[str, Any]]
    width: int
    ipx: str
    thumbor: str


TARGETS: Final = (
    Target(
        "300 x 300",
        [{"resize": {"width": 300, "height": 300, "fit": "COVER"}}],
        300,
        "/s_300x300,q_80,f_jpeg/",
        "/unsafe/300x300/filters:quality(80)/",
    ),
    Target(
        "1600 px",
        [{"resize": {"width": 1600}}],
        1600,
        "/w_1600,q_80,f_jpeg/",
        "/unsafe/1600x0/filters:quality(80)/",
    ),
)
IPX: Final = {("2 MP", "300 x 300"): 1.5, ("12 MP", "300 x 300"): 1.1}
THUMBOR: Final = 4.0
PROXY: Final = {"12 MP": 3.0}
"""What is meant, by size of the photograph and target."""


async def measure() -> list[Row]:
    await peers.fetched()
    photographs = await asyncio.to_thread(camera_photographs, peers.photographs())
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = await stack.enter_async_context(_servers(folder))
        images = {size: await _stored(folder, size, servers[0], photographs[size]) for size in SIZES}
        await proxies_made(folder / "darkroom", 8)
        await at_rest(servers[0])
        return [
            row
            for size in SIZES
            for target in TARGETS
            for row in _rows(size, target, await _measured(size, target, servers, images[size]))
        ]


@asynccontextmanager
async def _servers(folder: Path) -> AsyncIterator[tuple[Server, Server, Server]]:
    files = folder / "files"
    files.mkdir()
    async with (
        darkroom(folder / "darkroom", transforms="signed", picture_cache="0") as ours,
        peers.ipx(files) as ipx,
        peers.thumbor(files) as thumbor,
    ):
        yield ours, ipx, thumbor


async def _stored(folder: Path, size: str, ours: Server, photographs: Sequence[bytes]) -> dict[str, str]:
    """The ids of the photographs by the names of their files for the others."""
    names = [f"{size.replace(' ', '')}-{number}.jpg" for number in range(len(photographs))]
    for name, content in zip(names, photographs, strict=True):
        (folder / "files" / name).write_bytes(content)
    return dict(zip(names, await uploaded(ours, photographs), strict=True))


async def _measured(
    size: str, target: Target, servers: tuple[Server, Server, Server], images: Mapping[str, str]
) -> dict[str, Contender]:
    ours, ipx, thumbor = servers
    given = [await urls(ours, image, target.steps, target.width) for image in images.values()]
    contenders = {
        "original": Contender(ours, [each.transform for each in given]),
        "ipx": Contender(ipx, [target.ipx + name for name in images]),
        "thumbor": Contender(thumbor, [target.thumbor + name for name in images]),
    }
    if _has_proxy(size, target):
        contenders["proxy"] = Contender(ours, [each.preview for each in given])
    sizes = {await contender.size() for contender in contenders.values()}
    assert len(sizes) == 1, f"not the same picture: {sizes}"
    for _ in range(ROUNDS):
        for contender in contenders.values():
            await contender.run(REQUESTS[size])
    return contenders


def _has_proxy(size: str, target: Target) -> bool:
    """Proxies have 1024 px, and are made of what is at least twice as long."""
    return max(SIZES[size]) >= 2048 and target.width < 512


def _rows(size: str, target: Target, measured: Mapping[str, Contender]) -> list[Row]:
    least = {
        ("original", "ipx"): IPX.get((size, target.name)),
        ("original", "thumbor"): THUMBOR,
        ("proxy", "ipx"): PROXY.get(size),
        ("proxy", "thumbor"): None,
    }
    return [
        row
        for (side, peer), meant in least.items()
        if side in measured
        for row in _compared(
            f"{target.name} from the {side} of {size}", measured[side], measured[peer], peer, meant
        )
    ]


def _compared(what: str, ours: Contender, theirs: Contender, peer: str, least: float | None) -> list[Row]:
    return [
        Row(what, "/CPU-s", ours.per_cpu_second, theirs.per_cpu_second, peer, least=least),
        Row(what, "/s", ours.per_second, theirs.per_second, peer),
    ]
