"""A preset saved anew, tried, replayed and rolled back, on a real server."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from tests.gql.api import picture
from tests.server import Server, running_server

Data = dict[str, Any]

SAVE: Final = """
    mutation ($largest: Int!) { savePreset(input: {
        name: "web", steps: [{grayscale: {}}], output: {format: WEBP, quality: 70, largest: $largest}
    }) { preset { version shownVersion } position } }
"""
TRY: Final = """
    query { presetReplay(name: "web", sample: 3) {
        preset { version shownVersion } total toRender there deleted quarantined
        sample { image { id } before after }
    } }
"""
REPLAY: Final = """
    mutation ($version: Int) { replayPreset(input: {name: "web", expectedVersion: $version}) {
        operation { id action total } userErrors { code currentVersion }
    } }
"""
BACK: Final = """
    mutation { rollBackPreset(input: {name: "web"}) {
        preset { version shownVersion } userErrors { code field }
    } }
"""
SHOWN: Final = """
    query ($asOf: AsOf) { images(asOf: $asOf, orderBy: {field: UPLOADED_AT, direction: ASC}) { nodes {
        id examined rendition(preset: "web") { state url width }
        renditions { preset } allRenditions { preset }
    } } }
"""
PROGRESS: Final = """
    subscription ($after: Cursor, $id: ID) { events(after: $after, filter: {operationId: $id}) {
        __typename cursor
        ... on OperationProgressed { changed unchanged refused failed }
        ... on OperationFinished { operation { state changed failed } }
        ... on PresetReplayed { preset version }
    } }
"""
CHANGED: Final = """
    subscription ($id: ID!) { imageChanged(id: $id) { image { rendition(preset: "web") { width } } } }
"""


async def uploaded(server: Server, count: int) -> list[str]:
    """Images with a rendition by the preset; nothing more will be said of them."""
    ids = [
        (await server.upload(picture(64 + n, 48), f"{n}.png", presets=["web"]))["image"]["id"]
        for n in range(count)
    ]
    async with asyncio.timeout(60):
        while not all(
            node["examined"] and node["rendition"]["state"] == "READY" for node in await shown(server)
        ):
            await asyncio.sleep(0.02)
    return ids


async def shown(server: Server, cursor: str | None = None) -> list[Data]:
    found = await server.query(SHOWN, asOf=cursor and {"cursor": cursor})
    nodes: list[Data] = found["images"]["nodes"]
    return nodes


async def widths(server: Server, cursor: str | None = None) -> list[int]:
    return [node["rendition"]["width"] for node in await shown(server, cursor)]


async def served(server: Server, url: str) -> int:
    """The width of a picture."""
    answer = await server.http.get(url, headers={"accept": "image/webp"}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    pixels = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return int(pixels.shape[1])


async def told(server: Server, operation_id: str, after: str) -> list[Data]:
    """What is told of a replay, up to the switch."""
    items: list[Data] = []
    subscribed = server.subscribe(PROGRESS, after=after, id=operation_id)
    async with asyncio.timeout(60), aclosing(subscribed) as results:
        async for result in results:
            items.append(result["events"])
            if items[-1]["__typename"] == "PresetReplayed":
                return items
    raise AssertionError("it ended before the switch")


async def test_a_preset_is_saved_tried_replayed_and_rolled_back(tmp_path: Path) -> None:
    """All images show the former version until all are rendered, then all the new one, at any moment; and
    the former one again at once."""
    async with running_server(tmp_path / "data", upload_presets="", isolation="thread") as server:
        await server.query(SAVE, largest=32)
        ids = await uploaded(server, 3)
        saved = (await server.query(SAVE, largest=16))["savePreset"]
        assert saved["preset"] == {"version": 2, "shownVersion": 1}
        assert await widths(server) == [32, 32, 32]

        trial = (await server.query(TRY))["presetReplay"]
        sample = trial.pop("sample")
        counts = {"total": 3, "toRender": 3, "there": 0, "deleted": 0, "quarantined": 0}
        assert trial == {"preset": {"version": 2, "shownVersion": 1}, **counts}
        assert [each["image"]["id"] for each in sample] == ids[::-1]
        assert [await served(server, each["before"]) for each in sample] == [32, 32, 32]
        assert [await served(server, each["after"]) for each in sample] == [16, 16, 16]
        assert await widths(server) == [32, 32, 32], "a dry run changes nothing"

        stale = (await server.query(REPLAY, version=1))["replayPreset"]
        assert stale["userErrors"] == [{"code": "VERSION_CONFLICT", "currentVersion": 2}]
        begun = (await server.query(REPLAY, version=2))["replayPreset"]
        assert (begun["operation"]["action"], begun["operation"]["total"]) == ("REPLAY", 3)
        *before, progress, end, switch = await told(server, begun["operation"]["id"], saved["position"])
        counts = {"changed": 3, "unchanged": 0, "refused": 0, "failed": 0}
        assert {name: progress[name] for name in counts} == counts
        assert end["operation"] == {"state": "FINISHED", "changed": 3, "failed": 0}
        assert (switch["preset"], switch["version"]) == ("web", 2)

        assert await widths(server) == [16, 16, 16]
        for item in (*before, progress, end):
            assert await widths(server, item["cursor"]) == [32, 32, 32]
        for image_id, node in zip(ids, await shown(server), strict=True):
            assert await served(server, node["rendition"]["url"]) == 16
            assert await served(server, f"/images/{image_id}/web") == 16
            assert (len(node["renditions"]), len(node["allRenditions"])) == (1, 2)

        async with asyncio.timeout(30), aclosing(server.subscribe(CHANGED, id=ids[0])) as states:
            assert (await anext(states))["imageChanged"]["image"]["rendition"]["width"] == 16
            back = (await server.query(BACK))["rollBackPreset"]
            assert back == {"preset": {"version": 3, "shownVersion": 3}, "userErrors": []}
            assert (await anext(states))["imageChanged"]["image"]["rendition"]["width"] == 32
        assert await widths(server) == [32, 32, 32]
        assert await served(server, f"/images/{ids[0]}/web") == 32
        again = (await server.query(BACK))["rollBackPreset"]
        assert again == {"preset": None, "userErrors": [{"code": "NOTHING_TO_ROLL_BACK", "field": ["name"]}]}


async def test_a_replay_survives_a_kill(tmp_path: Path) -> None:
    """It goes on at the next start; until its end nothing is switched."""
    async with running_server(tmp_path / "data", upload_presets="", isolation="thread") as server:
        await server.query(SAVE, largest=32)
        await uploaded(server, 12)
        position = (await server.query(SAVE, largest=16))["savePreset"]["position"]
        operation_id = (await server.query(REPLAY))["replayPreset"]["operation"]["id"]
        await server.kill()
        await server.start()
        assert len(set(await widths(server))) == 1
        *_, end, _ = await told(server, operation_id, position)
        assert end["operation"] == {"state": "FINISHED", "changed": 12, "failed": 0}
        assert await widths(server) == [16] * 12
