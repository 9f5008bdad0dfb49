"""Many images changed as one, and erased for good."""

from __future__ import annotations

import asyncio

import pytest

from tests.gql.api import Api, Data, picture

OPERATION = """query ($id: ID!) { operation(id: $id) {
    action state total changed unchanged refused undoes } }"""


async def begun(api: Api, mutation: str, /, **given: object) -> Data:
    kind = mutation[0].upper() + mutation[1:] + "Input"
    query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ operation {{ id }} position "
    payload: Data = (await api.data(query + "userErrors { code field } } }", input=given))[mutation]
    return payload


async def done(api: Api, mutation: str, /, **given: object) -> tuple[str, Data]:
    """The id of an operation and what it came to, once it has ended."""
    payload = await begun(api, mutation, **given)
    assert payload["userErrors"] == []
    operation_id: str = payload["operation"]["id"]
    async with asyncio.timeout(20):
        while True:
            operation: Data = (await api.data(OPERATION, id=operation_id))["operation"]
            if operation["state"] != "RUNNING":
                return operation_id, operation
            await asyncio.sleep(0.02)


async def names(api: Api, **filter_: object) -> list[str]:
    query = """query ($filter: ImageFilter) {
        images(filter: $filter, orderBy: {field: NAME, direction: ASC}) { nodes { name } } }"""
    return [node["name"] for node in (await api.data(query, filter=filter_))["images"]["nodes"]]


@pytest.fixture
async def ids(api: Api) -> list[str]:
    """Three images; the first one has a tag."""
    return [
        (await api.upload(picture(16 + n, 16), f"{n}.png", presets=[], tags=["sea"] if n == 0 else []))[
            "image"
        ]["id"]
        for n in range(3)
    ]


async def test_many_images_are_changed_and_changed_back_by_one_command(api: Api, ids: list[str]) -> None:
    """Those that were as asked already stay so when it is undone."""
    operation_id, operation = await done(api, "tagImages", images={"filter": {}}, tags=["sea"])
    assert operation == {
        "action": "TAG",
        "state": "FINISHED",
        "total": 3,
        "changed": 2,
        "unchanged": 1,
        "refused": 0,
        "undoes": None,
    }
    assert await names(api, tags=["sea"]) == ["0.png", "1.png", "2.png"]
    _, undone = await done(api, "undoOperation", id=operation_id)
    assert (undone["action"], undone["changed"], undone["undoes"]) == ("UNDO", 2, operation_id)
    assert await names(api, tags=["sea"]) == ["0.png"]


async def test_images_are_deleted_restored_and_given_a_recipe_together(api: Api, ids: list[str]) -> None:
    """By ids or by what a filter finds."""
    operation_id, _ = await done(api, "deleteImages", images={"ids": ids[:2]})
    assert await names(api) == ["2.png"]
    _, refused = await done(api, "setRecipes", images={"ids": ids}, steps=[{"grayscale": {}}])
    assert (refused["changed"], refused["refused"]) == (1, 2)
    await done(api, "restoreImages", images={"filter": {"deleted": True}})
    assert await names(api) == ["0.png", "1.png", "2.png"]
    _, undone = await done(api, "undoOperation", id=operation_id)
    assert (undone["changed"], undone["unchanged"]) == (0, 2)


async def test_events_tell_which_operation_they_belong_to(api: Api, ids: list[str]) -> None:
    """In the history of each image."""
    operation_id, _ = await done(api, "tagImages", images={"ids": ids[1:]}, tags=["sky"])
    query = "query ($id: ID!) { image(id: $id) { history(last: 1) { nodes { type operationId } } } }"
    (event,) = (await api.data(query, id=ids[1]))["image"]["history"]["nodes"]
    assert event == {"type": "ImageTagged", "operationId": operation_id}


async def test_a_repeated_command_begins_one_operation(api: Api, ids: list[str]) -> None:
    """And another body is refused."""
    asked = {"images": {"ids": ids}, "tags": ["sky"], "commandId": "c-1"}
    assert await begun(api, "tagImages", **asked) == await begun(api, "tagImages", **asked)
    other = await begun(api, "tagImages", **{**asked, "tags": ["sun"]})
    assert other["userErrors"] == [{"code": "COMMAND_ID_REUSED", "field": ["commandId"]}]


async def test_what_makes_no_sense_is_refused(api: Api, ids: list[str]) -> None:
    """Each with its code."""
    query = "mutation ($images: ImageSelection!) { deleteImages(input: {images: $images}) { position } }"
    for wrong in ({}, {"ids": ids, "filter": {}}, {"ids": None}):
        assert await api.codes(query, images=wrong) == ["BAD_VARIABLES"]
    assert (await begun(api, "deleteImages", images={"ids": ["7"]}))["userErrors"][0]["code"] == "INVALID_ID"
    for name in ("undoOperation", "cancelOperation"):
        assert (await begun(api, name, id="op_" + "0" * 32))["userErrors"][0]["code"] == "NOT_FOUND"
    (error,) = (await begun(api, "tagImages", images={"ids": ids}, tags=[""]))["userErrors"]
    assert error["code"] == "INVALID_INPUT"
    operation_id, _ = await done(api, "deleteImages", images={"ids": ids})
    (error,) = (await begun(api, "cancelOperation", id=operation_id))["userErrors"]
    assert error["code"] == "CONFLICT"


async def test_an_owner_is_erased(api: Api, ids: list[str]) -> None:
    """Images, albums and webhooks, deleted or not; who is meant must be said."""
    await api.data('mutation { createAlbum(input: {name: "Trip"}) { album { id } } }')
    added = await api.data(
        'mutation { addWebhook(input: {url: "https://example.org", types: ["AlbumRestored"]}) { secret } }'
    )
    assert added["addWebhook"]["secret"]
    wrong = await begun(api, "eraseOwner", owner="somebody")
    assert wrong["userErrors"] == [{"code": "UNKNOWN_NAME", "field": ["owner"]}]
    before = (await api.data("{ images { asOf } }"))["images"]["asOf"]
    await done(api, "eraseOwner", owner="local")
    assert await names(api) == []
    query = "query ($id: ID!, $asOf: AsOf) { image(id: $id, asOf: $asOf) { state name tags } }"
    for as_of in (None, {"cursor": before}):
        image = (await api.data(query, id=ids[0], asOf=as_of))["image"]
        assert image == {"state": "ERASED", "name": "", "tags": []}
    left = await api.data("{ albums(deleted: null) { nodes { id } } webhooks { nodes { id } } }")
    assert left == {"albums": {"nodes": []}, "webhooks": {"nodes": []}}
