"""The API in process, from the request to the answer, on real adapters and real pictures."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from tests.gql.api import Api, Data, picture


async def test_an_upload_is_rendered_by_both_presets(api: Api) -> None:
    """And its renditions are served as what they are."""
    payload = await api.upload(picture(640, 480), "beach.png", description="sun", tags=["sea"])
    assert payload["userErrors"] == []
    assert not payload["duplicate"]
    image = await api.settled(payload["image"]["id"])
    thumbnail, gray = image["renditions"]
    assert (thumbnail["preset"], thumbnail["width"], thumbnail["height"]) == ("thumbnail", 256, 192)
    assert (gray["preset"], gray["width"], gray["height"]) == ("grayscale-300", 300, 300)
    assert gray["mediaType"] == "image/png"
    for made in (thumbnail, gray):
        served = await api.http.get(made["url"])
        assert served.headers["content-type"] == made["mediaType"]
        assert len(served.content) == made["byteSize"]
        pixels = cv2.imdecode(np.frombuffer(served.content, np.uint8), cv2.IMREAD_UNCHANGED)
        assert pixels is not None
        assert pixels.shape[:2] == (made["height"], made["width"])


async def test_an_original_comes_back_byte_by_byte(api: Api) -> None:
    """As a download under its own name."""
    content = picture()
    payload = await api.upload(content, "Über den Wolken.png")
    query = "query ($id: ID!) { image(id: $id) { original { url sha256 byteSize mediaType width height } } }"
    original = (await api.data(query, id=payload["image"]["id"]))["image"]["original"]
    served = await api.http.get(original["url"])
    assert served.content == content
    assert served.headers["content-type"] == "image/png"
    assert "attachment" in served.headers["content-disposition"]
    assert (original["width"], original["height"], original["byteSize"]) == (64, 48, len(content))


async def test_chosen_presets_are_the_only_ones(api: Api) -> None:
    """None is a choice too; an unknown one is refused with the nearest."""
    payload = await api.upload(picture(), presets=["thumbnail"])
    (made,) = (await api.settled(payload["image"]["id"]))["renditions"]
    assert made["preset"] == "thumbnail"
    none = await api.upload(picture(shade=1), presets=[])
    image = await api.settled(none["image"]["id"])
    assert (image["renditions"], image["rendition"]) == ([], None)
    wrong = await api.upload(picture(shade=2), presets=["thumbnial"])
    assert wrong["image"] is None
    assert wrong["userErrors"][0]["code"] == "UNKNOWN_NAME"
    assert "Did you mean 'thumbnail'?" in wrong["userErrors"][0]["message"]


CHANGE = """
    mutation ($describe: DescribeImageInput!, $delete: DeleteImageInput!, $restore: RestoreImageInput!) {
        describeImage(input: $describe) { image { name description tags version } userErrors { code field } }
        deleteImage(input: $delete) { image { state version } position userErrors { code } }
        restoreImage(input: $restore) { image { state version } userErrors { code message } }
    }
"""


async def test_an_image_is_described_deleted_and_restored(api: Api) -> None:
    """In the order of the document; a lost race is told."""
    image_id = (await api.upload(picture(), presets=[]))["image"]["id"]
    done = await api.data(
        CHANGE,
        describe={"id": image_id, "name": "new.png", "description": "text", "tags": ["a", "A", "b"]},
        delete={"id": image_id, "expectedVersion": 4},
        restore={"id": image_id, "expectedVersion": 3},
    )
    assert done["describeImage"]["image"] == {
        "name": "new.png",
        "description": "text",
        "tags": ["a", "b"],
        "version": 4,
    }
    assert done["deleteImage"]["image"] == {"state": "DELETED", "version": 5}
    assert done["restoreImage"]["userErrors"][0]["code"] == "VERSION_CONFLICT"
    assert "it is at version 5" in done["restoreImage"]["userErrors"][0]["message"]


async def test_wrong_ids_are_told_apart(api: Api) -> None:
    """One that names nothing is null or NOT_FOUND, one that is none has a code of its own."""
    unknown = "img_" + "0" * 32
    assert await api.data(f'{{ image(id: "{unknown}") {{ id }} node(id: "{unknown}") {{ id }} }}') == {
        "image": None,
        "node": None,
    }
    rendition = f"rnd_{'0' * 32}_{'1' * 32}"
    assert await api.data(f'{{ node(id: "{rendition}") {{ id }} }}') == {"node": None}
    for wrong in ("", "x", "img_xyz", "rnd_1_2", unknown + "0"):
        assert await api.codes("query ($id: ID!) { image(id: $id) { id } }", id=wrong) == ["INVALID_ID"]
        assert await api.codes("query ($id: ID!) { node(id: $id) { id } }", id=wrong) == ["INVALID_ID"]
    mutation = "mutation ($id: ID!) { deleteImage(input: {id: $id}) { userErrors { code field } } }"
    for wrong, code in ((unknown, "NOT_FOUND"), ("x", "INVALID_ID")):
        payload = (await api.data(mutation, id=wrong))["deleteImage"]
        assert payload["userErrors"] == [{"code": code, "field": ["id"]}]


async def test_node_finds_images_and_renditions(api: Api) -> None:
    """By the ids that they show."""
    image_id = (await api.upload(picture()))["image"]["id"]
    made = (await api.settled(image_id))["renditions"][0]
    query = "query ($id: ID!) { node(id: $id) { __typename id ... on Rendition { preset state } } }"
    assert (await api.data(query, id=image_id))["node"] == {"__typename": "Image", "id": image_id}
    assert (await api.data(query, id=made["id"]))["node"] == {
        "__typename": "Rendition",
        "id": made["id"],
        "preset": "thumbnail",
        "state": "READY",
    }


PAGE = """
    query (
        $first: Int, $after: String, $last: Int, $before: String, $filter: ImageFilter, $orderBy: ImageOrder
    ) {
        images(
            first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy
        ) {
            edges { cursor node { original { width } } }
            nodes { original { width } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            totalCount
            asOf
        }
    }
"""


async def widths(api: Api, **variables: object) -> tuple[list[int], Data]:
    page = (await api.data(PAGE, **variables))["images"]
    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    return [node["original"]["width"] for node in page["nodes"]], page


async def test_lists_are_filtered_ordered_and_paged(api: Api) -> None:
    """Cursors of one order are refused in another."""
    for width in (30, 10, 20, 50, 40):
        await api.upload(picture(width=width), presets=[])
    assert (await widths(api))[0] == [40, 50, 20, 10, 30]
    by_width = {"field": "WIDTH", "direction": "ASC"}
    first, page = await widths(api, first=2, orderBy=by_width)
    assert (first, page["totalCount"]) == ([10, 20], 5)
    assert page["pageInfo"]["hasNextPage"]
    after = page["pageInfo"]["endCursor"]
    assert (await widths(api, first=9, after=after, orderBy=by_width))[0] == [30, 40, 50]
    assert (await widths(api, last=2, orderBy=by_width))[0] == [40, 50]
    assert (await widths(api, filter={"width": {"gt": 10, "lte": 40}}, orderBy=by_width))[0] == [20, 30, 40]
    assert (await widths(api, filter={"mediaType": "image/jpeg"}))[0] == []
    assert await api.codes(PAGE, after=after) == ["INVALID_CURSOR"]
    assert await api.codes(PAGE, after="nonsense") == ["INVALID_CURSOR"]
    assert await api.codes(PAGE, first=101) == ["INVALID_INPUT"]
    assert await api.codes(PAGE, first=-1) == ["INVALID_INPUT"]
    assert await api.codes(PAGE, filter={"mediaType": ["image/jpg"]}) == ["UNKNOWN_NAME"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"tags": [f"tag {n}" for n in range(101)]},
        {"text": " ".join(f"word{n}" for n in range(101))},
        {"camera": " ".join(f"word{n}" for n in range(101))},
        {"text": "x" * 20_001},
    ],
)
async def test_a_filter_takes_so_many_words(api: Api, wanted: Data) -> None:
    """Each is a condition of its own; more than a database takes are refused with a code."""
    assert await api.codes(PAGE, filter=wanted) == ["INVALID_INPUT"]


async def test_a_filter_takes_words_as_often_as_they_are_said(api: Api) -> None:
    """What is said again adds nothing, in tags, words and types of files alike."""
    words = {f"word{n}" for n in range(100)}
    wanted = {"tags": sorted(words) * 9, "text": " ".join([*words] * 9), "camera": " ".join([*words] * 9)}
    assert (await widths(api, filter={**wanted, "mediaType": ["image/png"] * 9_000}))[0] == []


async def test_moments_need_an_offset(api: Api) -> None:
    """Or they would mean another moment on every machine."""
    query = "query ($at: DateTime!) { images(filter: { uploadedAt: { gte: $at } }) { totalCount } }"
    await api.upload(picture(), presets=[])
    assert (await api.data(query, at="2020-01-01T00:00:00Z"))["images"]["totalCount"] == 1
    assert (await api.data(query, at="2999-01-01T00:00:00+05:30"))["images"]["totalCount"] == 0
    for wrong in ("2020-01-01", "2020-01-01T00:00:00", "yesterday", 5, "0001-01-01T00:00:00+23:59"):
        assert await api.codes(query, at=wrong) == ["BAD_VARIABLES"], wrong


async def test_the_catalogue_describes_itself(api: Api) -> None:
    """Every operation with its parameters, every preset with its whole recipe."""
    query = """{ operations { name parameters { name type default neutral minimum maximum choices } }
                 presets { name steps { operation parameters } mediaType } }"""
    found = await api.data(query)
    resize = next(operation for operation in found["operations"] if operation["name"] == "resize")
    fit = next(parameter for parameter in resize["parameters"] if parameter["name"] == "fit")
    assert fit["choices"] == ["FILL", "CONTAIN", "COVER", "INSIDE"]
    rotate = next(operation for operation in found["operations"] if operation["name"] == "rotate")
    assert [parameter["neutral"] for parameter in rotate["parameters"]] == [0, True, "#00000000"]
    assert [preset["name"] for preset in found["presets"]] == ["thumbnail", "grayscale-300"]
    assert json.loads(json.dumps(found["presets"][1]["steps"][0])) == {
        "operation": "grayscale",
        "parameters": {"method": "LUMA_601"},
    }


async def test_only_known_hosts_are_answered(api: Api) -> None:
    """Health is told to all who ask."""
    for host, status in (("evil.example", 421), ("localhost:8000", 200), ("[::1]:8000", 200), ("", 421)):
        assert (await api.http.get("/", headers={"host": host})).status_code == status
        assert (await api.http.get("/health/live", headers={"host": host})).status_code == 200


async def test_health_says_that_all_is_well(api: Api) -> None:
    """To a probe that asks whether to restart, and to one that asks whether to send requests."""
    assert (await api.http.get("/health/live")).json() == {"status": "live"}
    assert (await api.http.get("/health/ready")).json()["status"] == "ready"
