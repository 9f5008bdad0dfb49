"""Presets saved and used over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import cv2
import numpy as np

from tests.event_source import EventSource
from tests.gql.api import Api, Data, picture

SAVE = """
    mutation ($input: SavePresetInput!) { savePreset(input: $input) {
        preset { name description version mediaType quality steps { operation } }
        position userErrors { code field currentVersion }
    } }
"""
REMOVE = """
    mutation ($input: RemovePresetInput!) { removePreset(input: $input) {
        preset { name } position userErrors { code field }
    } }
"""
PRESETS = "query ($asOf: AsOf) { presets(asOf: $asOf) { name version asOf } }"
FOLLOW = """
    query ($id: ID!) { image(id: $id) {
        rendition(preset: "web") { state mediaType width explain { preset presetVersion } }
    } }
"""
WEB = {
    "name": "web",
    "description": "For the web.",
    "steps": [{"grayscale": {}}],
    "output": {"format": "WEBP", "quality": 70, "largest": 32},
}


async def save(api: Api, **changes: object) -> Data:
    payload: Data = (await api.data(SAVE, input=WEB | changes))["savePreset"]
    return payload


async def test_a_preset_is_saved_used_and_removed(api: Api) -> None:
    """What was rendered by it stays."""
    payload = await save(api)
    assert payload["userErrors"] == []
    assert payload["preset"] == {
        "name": "web",
        "description": "For the web.",
        "version": 1,
        "mediaType": "image/webp",
        "quality": 70,
        "steps": [{"operation": "grayscale"}, {"operation": "resize"}],
    }
    assert await names(api) == [("thumbnail", 0), ("grayscale-300", 0), ("web", 1)]
    image_id = (await api.upload(picture(), presets=["web"]))["image"]["id"]
    await api.settled(image_id)
    removed = (await api.data(REMOVE, input={"name": "web", "expectedVersion": 1}))["removePreset"]
    assert (removed["preset"], removed["userErrors"]) == (None, [])
    assert await names(api) == [("thumbnail", 0), ("grayscale-300", 0)]
    assert await names(api, payload["position"]) == [("thumbnail", 0), ("grayscale-300", 0), ("web", 1)]
    assert (await api.data(FOLLOW, id=image_id))["image"]["rendition"] == {
        "state": "READY",
        "mediaType": "image/webp",
        "width": 32,
        "explain": {"preset": "web", "presetVersion": 1},
    }


async def names(api: Api, cursor: str | None = None) -> list[tuple[str, int]]:
    found = await api.data(PRESETS, asOf=cursor and {"cursor": cursor})
    return [(preset["name"], preset["version"]) for preset in found["presets"]]


async def test_what_is_wrong_with_a_preset_is_told(api: Api) -> None:
    """With the field that it is about, or the version that it is at."""
    await save(api)
    wrong: list[tuple[Data, Data]] = [
        ({"name": "thumbnail"}, {"code": "INVALID_INPUT", "field": ["name"], "currentVersion": None}),
        (
            {"steps": [], "expectedVersion": 5},
            {"code": "VERSION_CONFLICT", "field": None, "currentVersion": 1},
        ),
        (
            {"output": {"format": "PNG", "quality": 5}},
            {"code": "INVALID_INPUT", "field": ["output"], "currentVersion": None},
        ),
    ]
    for changes, error in wrong:
        assert await save(api, **changes) == {"preset": None, "position": None, "userErrors": [error]}
    removed = (await api.data(REMOVE, input={"name": "wep"}))["removePreset"]
    assert removed["userErrors"] == [{"code": "NOT_FOUND", "field": ["name"]}]
    wrong_upload = await api.upload(picture(), presets=["wep"])
    assert wrong_upload["userErrors"][0]["code"] == "UNKNOWN_NAME"


async def test_an_owner_who_is_erased_leaves_no_preset(api: Api) -> None:
    """Before the operation ends."""
    await save(api)
    erase = 'mutation { eraseOwner(input: {owner: "local"}) { operation { id } userErrors { code } } }'
    operation_id = (await api.data(erase))["eraseOwner"]["operation"]["id"]
    query = "query ($id: ID!) { operation(id: $id) { state } }"
    async with asyncio.timeout(20):
        while (await api.data(query, id=operation_id))["operation"]["state"] != "FINISHED":
            await asyncio.sleep(0.02)
    assert await names(api) == [("thumbnail", 0), ("grayscale-300", 0)]


REPLAY = """
    query { presetReplay(name: "web", sample: 5) {
        preset { version shownVersion } total toRender there deleted quarantined
        sample { image { id } before after }
    } }
"""
START = """
    mutation ($input: ReplayPresetInput!) { replayPreset(input: $input) {
        operation { id action total } position userErrors { code field }
    } }
"""
BACK = """
    mutation ($input: RollBackPresetInput!) { rollBackPreset(input: $input) {
        preset { version shownVersion } userErrors { code field }
    } }
"""
SHOWN = """
    query ($asOf: AsOf) { images(asOf: $asOf, orderBy: {field: UPLOADED_AT, direction: ASC}) { nodes {
        id rendition(preset: "web") { state url width mediaType explain { presetVersion } }
        renditions { preset } allRenditions { preset }
    } } }
"""
PROGRESS = """
    subscription ($after: Cursor, $filter: EventFilter) { events(after: $after, filter: $filter) {
        cursor ... on Event { type } ... on OperationProgressed { changed unchanged refused failed }
        ... on OperationFinished { operation { state changed failed } } ... on PresetReplayed { version }
    } }
"""


async def shown(api: Api, cursor: str | None = None) -> list[Data]:
    found: Data = await api.data(SHOWN, asOf=cursor and {"cursor": cursor})
    nodes: list[Data] = found["images"]["nodes"]
    return nodes


async def widths(api: Api, cursor: str | None = None) -> list[int]:
    """Of the renditions that are shown, as they are served."""
    return [node["rendition"]["width"] for node in await shown(api, cursor)]


async def served_width(api: Api, url: str) -> int:
    answer = await api.http.get(url, headers={"accept": "image/webp"}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    pixels = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels.shape[1]


async def told(api: Api, after: str, operation_id: str) -> list[Data]:
    """What a subscription tells of an operation, up to its end and what came with it."""
    source = EventSource(PROGRESS, {"after": after, "filter": {"operationId": operation_id}})
    items: list[Data] = []
    async with asyncio.timeout(30), aclosing(source.events(api.http)) as events:
        async for event in events:
            items.append(event.result["data"]["events"])
            if items[-1].get("type") == "PresetReplayed":
                return items
    raise AssertionError("it ended before the switch")


async def test_a_preset_is_saved_tried_replayed_and_rolled_back(api: Api) -> None:
    """All images show the former version until all are rendered, then all the new one, at any moment; and
    the former one again at once."""
    await save(api)
    ids = [(await api.upload(picture(64 + n, 48), presets=["web"]))["image"]["id"] for n in range(3)]
    for image_id in ids:
        await api.settled(image_id)
    saved = await save(api, output={"format": "WEBP", "quality": 70, "largest": 16})
    assert await widths(api) == [32, 32, 32]
    (web,) = (await api.data("{ presets { name version shownVersion } }"))["presets"][2:]
    assert web == {"name": "web", "version": 2, "shownVersion": 1}

    trial = (await api.data(REPLAY))["presetReplay"]
    sample = trial.pop("sample")
    assert trial == {
        "preset": {"version": 2, "shownVersion": 1},
        "total": 3, "toRender": 3, "there": 0, "deleted": 0, "quarantined": 0,
    }  # fmt: skip
    assert [each["image"]["id"] for each in sample] == ids[::-1]
    for each in sample:
        assert await served_width(api, each["before"]) == 32
        assert await served_width(api, each["after"]) == 16
    assert await widths(api) == [32, 32, 32], "a dry run changes nothing"

    stale = (await api.data(START, input={"name": "web", "expectedVersion": 1}))["replayPreset"]
    assert stale["userErrors"] == [{"code": "VERSION_CONFLICT", "field": None}]
    begun = (await api.data(START, input={"name": "web", "expectedVersion": 2}))["replayPreset"]
    assert (begun["operation"]["action"], begun["operation"]["total"]) == ("REPLAY", 3)
    items = await told(api, saved["position"], begun["operation"]["id"])
    assert [item for item in items if item.get("type") == "OperationProgressed"] == [
        {**items[-3], "changed": 3, "unchanged": 0, "refused": 0, "failed": 0}
    ]
    end, switch = items[-2:]
    assert end["operation"] == {"state": "FINISHED", "changed": 3, "failed": 0}
    assert switch["version"] == 2

    assert await widths(api) == [16, 16, 16]
    assert await widths(api, items[-3]["cursor"]) == [32, 32, 32]
    for image_id, node in zip(ids, await shown(api), strict=True):
        assert await served_width(api, node["rendition"]["url"]) == 16
        assert await served_width(api, f"/images/{image_id}/web") == 16
        assert (len(node["renditions"]), len(node["allRenditions"])) == (1, 2)

    back = (await api.data(BACK, input={"name": "web"}))["rollBackPreset"]
    assert back == {"preset": {"version": 3, "shownVersion": 3}, "userErrors": []}
    assert await widths(api) == [32, 32, 32]
    assert await served_width(api, f"/images/{ids[0]}/web") == 32
    again = (await api.data(BACK, input={"name": "web"}))["rollBackPreset"]
    assert again == {"preset": None, "userErrors": [{"code": "NOTHING_TO_ROLL_BACK", "field": ["name"]}]}


async def test_what_a_url_by_a_preset_leads_to_is_what_the_image_shows(api: Api) -> None:
    """An image without a rendition is shown as the others are; one that was uploaded since, as it was
    rendered."""
    await save(api)
    bare = (await api.upload(picture(65, 48), presets=[]))["image"]["id"]
    await save(api, output={"format": "WEBP", "quality": 70, "largest": 16})
    later = (await api.upload(picture(66, 48), presets=["web"]))["image"]["id"]
    await api.settled(later)
    assert await served_width(api, f"/images/{bare}/web") == 32
    assert await served_width(api, f"/images/{later}/web") == 16
    query = """query ($id: ID!) { image(id: $id) { responsive(preset: "web") { width } } }"""
    assert (await api.data(query, id=bare))["image"]["responsive"]["width"] == 32
    assert (await api.data(query, id=later))["image"]["responsive"]["width"] == 16


async def test_what_cannot_be_tried_or_replayed_is_refused(api: Api) -> None:
    """With its code."""
    for name, code in (("thumbnail", "INVALID_INPUT"), ("wep", "NOT_FOUND")):
        query = f'{{ presetReplay(name: "{name}") {{ total }} }}'
        assert await api.codes(query) == [code]
        payload = (await api.data(START, input={"name": name}))["replayPreset"]
        assert payload["userErrors"] == [{"code": code, "field": ["name"]}]
        payload = (await api.data(BACK, input={"name": name}))["rollBackPreset"]
        assert payload["userErrors"] == [{"code": code, "field": ["name"]}]
