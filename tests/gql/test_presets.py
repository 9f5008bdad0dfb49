"""Presets saved and used over HTTP."""

from __future__ import annotations

import asyncio

import cv2
import numpy as np

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


START = """
    mutation ($input: ReplayPresetInput!) { replayPreset(input: $input) { userErrors { code field } } }
"""
BACK = """
    mutation ($input: RollBackPresetInput!) { rollBackPreset(input: $input) { userErrors { code field } } }
"""


async def served_width(api: Api, url: str) -> int:
    answer = await api.http.get(url, headers={"accept": "image/webp"}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    pixels = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return int(pixels.shape[1])


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
