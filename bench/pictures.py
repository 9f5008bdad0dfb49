"""Photographs in a Darkroom under measurement, and the URLs that it gives for pictures of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.connection import Connection
from bench.servers import Server

UPLOAD: Final = """mutation ($file: Upload!) {
    uploadImage(input: {file: $file}) { image { id } userErrors { code message } }
}"""
URLS: Final = """query ($id: ID!, $width: Int!, $steps: [StepInput!], $trial: [StepInput!]) { image(id: $id) {
    transformUrl(steps: $steps, output: {format: JPEG, quality: 80})
    preview(width: $width, steps: $trial)
    pixelHash
    renditions { url state }
} }"""
PATIENCE: Final = 120.0


@dataclass(frozen=True)
class Urls:
    """Of one image: a transform, made from the original; a preview, made from the proxy where that will do;
    and what was rendered on upload."""

    transform: str
    preview: str
    renditions: list[str]


async def uploaded(server: Server, photographs: Sequence[bytes]) -> list[str]:
    """The ids of images of these."""
    fields = {
        "operations": json.dumps({"query": UPLOAD, "variables": {"file": None}}),
        "map": '{"0":["variables.file"]}',
    }
    with closing(Connection(server.port)) as http:
        answers = [json.loads(await http.post_form("/graphql", fields, ("0", each))) for each in photographs]
    return [answer["data"]["uploadImage"]["image"]["id"] for answer in answers]


async def urls(server: Server, image_id: str, steps: list[dict[str, Any]], width: int) -> Urls:
    """Asked for again until the image is examined and its renditions are settled."""
    variables = {"id": image_id, "width": width, "steps": steps, "trial": steps}
    body = json.dumps({"query": URLS, "variables": variables}).encode()
    with closing(Connection(server.port)) as http:
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = json.loads(await http.post_json("/graphql", body))
                image = answer["data"]["image"]
                if image["pixelHash"] and all(each["url"] for each in image["renditions"]):
                    break
                await asyncio.sleep(0.1)
    return Urls(image["transformUrl"], image["preview"], [each["url"] for each in image["renditions"]])


async def proxies_made(data: Path, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(list((data / "proxies").glob("*.jpg"))) < count:  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.1)


async def at_rest(server: Server) -> None:
    """Returns when the server does nothing any more: in half a second it takes 20 ms at most."""
    async with asyncio.timeout(PATIENCE):
        before = -1.0
        while server.cpu - before > 0.02:
            before = server.cpu
            await asyncio.sleep(0.5)
