"""Renditions on request, and what is told of how they came to be."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np

from tests.gql.api import Api, Data, picture

REQUEST = """
    mutation ($input: RequestRenditionInput!) { requestRendition(input: $input) {
        rendition { id preset state } image { id renditions { id } } position userErrors { code field }
    } }
"""
EXPLAIN = """
    query ($id: ID!, $asOf: AsOf) { node(id: $id, asOf: $asOf) { ... on Rendition { state explain {
        originalSha256 recipe { own steps { operation parameters } }
        output { mediaType quality lossless background } engine codecs { name version }
        startedAt finishedAt attempts
    } } } }
"""


async def request(api: Api, **asked: object) -> Data:
    payload: Data = (await api.data(REQUEST, input=asked))["requestRendition"]
    return payload


async def test_a_rendition_is_made_as_it_was_asked_for(api: Api) -> None:
    """And asked for again it is the same."""
    image_id = (await api.upload(picture(640, 480), "beach.png", presets=[]))["image"]["id"]
    asked = {
        "imageId": image_id,
        "steps": [{"grayscale": {}}],
        "output": {"format": "JPEG", "quality": 60, "largest": 100},
    }
    payload = await request(api, **asked)
    assert payload["userErrors"] == []
    assert payload["image"]["renditions"] == [{"id": payload["rendition"]["id"]}]
    assert payload["rendition"]["preset"] == ""
    (made,) = (await api.settled(image_id))["renditions"]
    served = await api.http.get(made["url"])
    assert served.headers["content-type"] == "image/jpeg"
    assert "beach.jpg" in served.headers["content-disposition"]
    pixels = cv2.imdecode(np.frombuffer(served.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    assert pixels.shape == (75, 100)
    again = await request(api, **asked)
    assert again["rendition"] == {"id": made["id"], "preset": "", "state": "READY"}
    assert (await api.settled(image_id))["renditions"] == [made]


async def test_a_preset_is_asked_for_by_its_name(api: Api) -> None:
    """The rendition bears it, and so it is found."""
    image_id = (await api.upload(picture(), presets=[]))["image"]["id"]
    payload = await request(api, imageId=image_id, preset="thumbnail")
    assert payload["rendition"]["preset"] == "thumbnail"
    assert (await api.settled(image_id))["rendition"] == {"preset": "thumbnail"}


async def test_what_is_wrong_is_told(api: Api) -> None:
    """With the field that it is about."""
    image_id = (await api.upload(picture(), presets=[]))["image"]["id"]
    wrong = [
        ({"imageId": "x"}, {"code": "INVALID_ID", "field": ["imageId"]}),
        ({"imageId": image_id, "preset": "thumb"}, {"code": "UNKNOWN_NAME", "field": ["preset"]}),
        (
            {"imageId": image_id, "output": {"quality": 5}},
            {"code": "INVALID_INPUT", "field": ["output"]},
        ),
    ]
    for asked, error in wrong:
        payload = await request(api, **asked)
        assert payload == {"rendition": None, "image": None, "position": None, "userErrors": [error]}


async def test_a_rendition_is_explained(api: Api) -> None:
    """With all that it depends on, and the libraries that made it."""
    content = picture()
    image_id = (await api.upload(content, presets=[]))["image"]["id"]
    payload = await request(api, imageId=image_id, output={"format": "WEBP", "lossless": True, "largest": 16})
    rendition_id = payload["rendition"]["id"]
    await api.settled(image_id)
    made = (await api.data(EXPLAIN, id=rendition_id))["node"]
    explained = made["explain"]
    assert explained["originalSha256"] == hashlib.sha256(content).hexdigest()
    assert explained["recipe"]["own"] == 0
    assert [step["operation"] for step in explained["recipe"]["steps"]] == ["resize"]
    assert explained["output"] == {
        "mediaType": "image/webp",
        "quality": None,
        "lossless": True,
        "background": None,
    }
    versions = {codec["name"]: codec["version"] for codec in explained["codecs"]}
    assert versions["OpenCV"] == cv2.__version__
    assert versions["libjpeg-turbo"][0].isdigit()
    assert explained["attempts"] == 1
    assert explained["startedAt"] <= explained["finishedAt"]
    then = await api.data(EXPLAIN, id=rendition_id, asOf={"cursor": payload["position"]})
    assert then["node"]["state"] == "PENDING"
    assert then["node"]["explain"] | {"attempts": 1} == explained | {
        "codecs": [],
        "startedAt": None,
        "finishedAt": None,
    }
