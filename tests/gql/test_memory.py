"""What was: history, undo, and any moment of the past, pixels and words together."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.gql.api import Api, Data, picture

SHOWN = """
    fragment Shown on Image {
        version name description descriptionSource tags tagSources { text source }
        recipe { hash steps { number operation enabled parameters } } state
        renditions { id preset state }
    }
"""
IMAGE = "query ($id: ID!, $asOf: AsOf) { image(id: $id, asOf: $asOf) { ...Shown } }" + SHOWN
CHANGES = """
    mutation ($describe: DescribeImageInput!, $tag: TagImageInput!, $steps: AppendStepsInput!) {
        describeImage(input: $describe) { ...Done }
        tagImage(input: $tag) { ...Done }
        appendSteps(input: $steps) { ...Done }
    }
    fragment Done on ImagePayload { position image { version } userErrors { code message } }
"""
CROP = {"resize": {"width": 32, "height": 24, "fit": "FILL"}}


async def change(api: Api, mutation: str, /, **given: object) -> Data:
    """One mutation by its name; its payload, without errors."""
    kind = mutation[0].upper() + mutation[1:] + "Input"
    answer = "image { ...Shown } position userErrors { code message field currentVersion }"
    query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {answer} }} }}" + SHOWN
    payload: Data = (await api.data(query, input=given))[mutation]
    return payload


async def changed(api: Api, mutation: str, /, **given: object) -> Data:
    payload = await change(api, mutation, **given)
    assert payload["userErrors"] == []
    return payload


async def uploaded(api: Api, **wanted: object) -> str:
    image_id: str = (await api.upload(picture(64, 48), "a.png", **wanted))["image"]["id"]
    await api.settled(image_id)
    return image_id


async def test_any_moment_can_be_looked_at(api: Api) -> None:
    """Words, recipe and renditions together, by the cursor that a mutation gave or by the time."""
    image_id = await uploaded(api, tags=["sea"])
    before = (await api.data("{ images { asOf } }"))["images"]["asOf"]
    then = datetime.now(UTC).isoformat()
    first = (await api.data(IMAGE, id=image_id))["image"]
    await changed(api, "describeImage", id=image_id, name="b.png", description="new", tags=["sky"])
    edited = await changed(api, "appendSteps", id=image_id, steps=[{"grayscale": {}}])
    await api.settled(image_id)
    now = (await api.data(IMAGE, id=image_id))["image"]
    assert now["renditions"] != first["renditions"]
    for moment in ({"cursor": before}, {"time": then}):
        assert (await api.data(IMAGE, id=image_id, asOf=moment))["image"] == first
    at_edit = (await api.data(IMAGE, id=image_id, asOf={"cursor": edited["position"]}))["image"]
    assert {made["state"] for made in at_edit["renditions"]} == {"PENDING"}
    assert (await api.data(IMAGE, id=image_id, asOf={"time": "2999-01-01T00:00:00Z"}))["image"] == now
    assert (await api.data(IMAGE, id=image_id, asOf={"time": "2000-01-01T00:00:00Z"})) == {"image": None}


async def test_lists_can_be_looked_at_as_of_a_moment(api: Api) -> None:
    """With their filters, orders and counts."""
    one = await uploaded(api, tags=["cat"])
    position = (await changed(api, "describeImage", id=one, name="z.png"))["position"]
    await api.upload(picture(32, 32), "b.png", tags=["cat"], presets=[])
    await changed(api, "untagImage", id=one, tags=["cat"])
    await changed(api, "deleteImage", id=one)
    query = """query ($asOf: AsOf) { images(filter: {tags: ["CAT"]}, orderBy: {field: NAME}, asOf: $asOf) {
        nodes { name tags state } totalCount } }"""
    now = (await api.data(query))["images"]
    then = (await api.data(query, asOf={"cursor": position}))["images"]
    assert now == {"nodes": [{"name": "b.png", "tags": ["cat"], "state": "ACTIVE"}], "totalCount": 1}
    assert then == {"nodes": [{"name": "z.png", "tags": ["cat"], "state": "ACTIVE"}], "totalCount": 1}


async def test_a_wrong_moment_is_refused(api: Api) -> None:
    """One of the two, and a cursor of this store."""
    image_id = await uploaded(api)
    assert await api.codes(IMAGE, id=image_id, asOf={"cursor": "nonsense"}) == ["INVALID_CURSOR"]
    for wrong in ({}, {"cursor": "a", "time": "2000-01-01T00:00:00Z"}, {"time": "yesterday"}):
        assert await api.codes(IMAGE, id=image_id, asOf=wrong) == ["BAD_VARIABLES"]


async def test_a_history_tells_who_did_what(api: Api) -> None:
    """As typed events, in pages, up to the version that is looked at."""
    image_id = await uploaded(api)
    command = {"id": image_id, "tags": ["sea"], "source": "MACHINE", "commandId": "tagging-1"}
    tagged = await changed(api, "tagImage", **command)
    await changed(api, "appendSteps", id=image_id, steps=[CROP])
    await changed(api, "undoImage", id=image_id)
    query = """query ($id: ID!, $last: Int, $before: String, $asOf: AsOf) {
        image(id: $id, asOf: $asOf) { history(last: $last, before: $before) {
            totalCount pageInfo { hasPreviousPage startCursor } nodes {
                __typename type actor commandId recordedAt cursor
                ... on ImageTagged { tags source }
                ... on RecipeChanged { change steps recipe { steps { operation } } }
                ... on ImageReverted { why versions recipe { steps { operation } } }
            } } } }"""
    history = (await api.data(query, id=image_id, last=3))["image"]["history"]
    tag, edit, undo = history["nodes"]
    assert (history["totalCount"], history["pageInfo"]["hasPreviousPage"]) == (4, True)
    assert (tag["tags"], tag["source"], tag["commandId"]) == (["sea"], "MACHINE", "tagging-1")
    assert tag["cursor"] == tagged["position"]
    assert (edit["change"], edit["steps"]) == ("APPENDED", [1])
    assert edit["recipe"]["steps"] == [{"operation": "resize"}]
    assert (undo["why"], undo["versions"], undo["recipe"]["steps"]) == ("UNDO", [3], [])
    start = history["pageInfo"]["startCursor"]
    (upload,) = (await api.data(query, id=image_id, last=3, before=start))["image"]["history"]["nodes"]
    assert upload["__typename"] == "ImageUploaded"
    then = (await api.data(query, id=image_id, asOf={"cursor": tag["cursor"]}))["image"]["history"]
    assert [event["type"] for event in then["nodes"]] == ["ImageUploaded", "ImageTagged"]
    for wrong in ("x", "v", "v-1", "v" + "9" * 30):
        assert await api.codes(query, id=image_id, last=3, before=wrong) == ["INVALID_CURSOR"]


async def test_a_recipe_is_edited_step_by_step(api: Api) -> None:
    """By the numbers of its steps; the renditions follow, and those of an undone recipe are there already."""
    image_id = await uploaded(api)
    plain = (await api.data(IMAGE, id=image_id))["image"]["renditions"]
    payload = await changed(api, "setRecipe", id=image_id, steps=[CROP, {"grayscale": {"method": "MEAN"}}])
    assert [step["number"] for step in payload["image"]["recipe"]["steps"]] == [1, 2]
    await changed(api, "moveStep", id=image_id, number=2, index=0)
    await changed(api, "disableStep", id=image_id, number=1)
    await changed(api, "insertSteps", id=image_id, steps=[CROP], index=0)
    await changed(api, "replaceStep", id=image_id, number=3, step={"grayscale": {}})
    await changed(api, "enableStep", id=image_id, number=1)
    payload = await changed(api, "removeStep", id=image_id, number=2)
    steps = payload["image"]["recipe"]["steps"]
    assert [(step["number"], step["operation"]) for step in steps] == [(3, "grayscale"), (1, "resize")]
    image = await api.settled(image_id)
    assert {made["state"] for made in image["renditions"]} == {"READY"}
    assert not {made["id"] for made in image["renditions"]} & {made["id"] for made in plain}
    for _ in range(7):
        await changed(api, "undoImage", id=image_id)
    assert (await api.data(IMAGE, id=image_id))["image"]["renditions"] == plain
    assert (await change(api, "undoImage", id=image_id))["userErrors"][0]["code"] == "NOTHING_TO_UNDO"
    redone = await changed(api, "redoImage", id=image_id)
    assert len(redone["image"]["recipe"]["steps"]) == 2


async def test_an_image_goes_back_to_a_version(api: Api) -> None:
    """By a new one; a lost race is told with the version that won."""
    image_id = await uploaded(api, description="one")
    await changed(api, "describeImage", id=image_id, description="two")
    payload = await changed(api, "revertImage", id=image_id, version=1)
    assert (payload["image"]["description"], payload["image"]["version"]) == ("one", 3)
    (error,) = (await change(api, "revertImage", id=image_id, version=2, expectedVersion=2))["userErrors"]
    assert (error["code"], error["currentVersion"]) == ("VERSION_CONFLICT", 3)
    (error,) = (await change(api, "revertImage", id=image_id, version=9))["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["version"])


async def test_a_repeated_command_is_done_once(api: Api) -> None:
    """And answered alike."""
    image_id = await uploaded(api)
    one = await changed(api, "appendSteps", id=image_id, steps=[CROP], commandId="c-1")
    two = await changed(api, "appendSteps", id=image_id, steps=[CROP], commandId="c-1")
    assert (one["position"], len(two["image"]["recipe"]["steps"])) == (two["position"], 1)
    other = await change(api, "appendSteps", id=image_id, steps=[CROP, CROP], commandId="c-1")
    assert other["userErrors"][0]["code"] == "COMMAND_ID_REUSED"


async def test_a_step_is_checked_by_the_schema_and_by_its_bounds(api: Api) -> None:
    """Exactly one operation, parameters of the right type, within their bounds."""
    image_id = await uploaded(api)
    query = "mutation ($input: SetRecipeInput!) { setRecipe(input: $input) { userErrors { code field } } }"
    wrong: Data
    for wrong in ({}, {"grayscale": {}, **CROP}, {"sharpn": {}}, {"resize": {"width": "wide"}}):
        assert await api.codes(query, input={"id": image_id, "steps": [wrong]}) == ["BAD_VARIABLES"]
    large = {"resize": {"width": 32768, "height": 32768, "fit": "FILL"}}
    payload = (await api.data(query, input={"id": image_id, "steps": [large]}))["setRecipe"]
    assert payload["userErrors"][0]["code"] == "INVALID_INPUT"


ALBUM = """
    query ($id: ID!, $asOf: AsOf, $first: Int, $after: String) { album(id: $id, asOf: $asOf) {
        name description size version state
        images(first: $first, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }
        history { nodes { type } }
    } }
"""


async def test_an_album_keeps_images_in_order(api: Api) -> None:
    """With pages, undo, history and a past, like an image."""
    ids = [(await api.upload(picture(16 + n, 16), f"{n}.png", presets=[]))["image"]["id"] for n in range(4)]

    async def done(mutation: str, /, **given: object) -> Data:
        kind = mutation[0].upper() + mutation[1:] + "Input"
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ album {{ id version }} position "
        payload: Data = (await api.data(query + "userErrors { code } } }", input=given))[mutation]
        return payload

    async def names(**asked: object) -> list[str]:
        album = (await api.data(ALBUM, id=album_id, **asked))["album"]
        return [image["name"][0] for image in album["images"]["nodes"]]

    album_id = (await done("createAlbum", name="Trip", commandId="new"))["album"]["id"]
    assert (await done("createAlbum", name="Trip", commandId="new"))["album"]["id"] == album_id
    await done("addToAlbum", id=album_id, images=ids[:3])
    position = (await done("addToAlbum", id=album_id, images=[ids[3]], index=0))["position"]
    assert await names() == ["3", "0", "1", "2"]
    await done("moveInAlbum", id=album_id, images=[ids[2], ids[3]], index=1)
    assert await names() == ["0", "2", "3", "1"]
    await done("removeFromAlbum", id=album_id, images=[ids[0]])
    assert await names() == ["2", "3", "1"]
    await done("undoAlbum", id=album_id)
    await done("undoAlbum", id=album_id)
    assert await names() == await names(asOf={"cursor": position}) == ["3", "0", "1", "2"]
    await done("redoAlbum", id=album_id)
    assert await names() == ["0", "2", "3", "1"]
    await changed(api, "deleteImage", id=ids[2])
    page = (await api.data(ALBUM, id=album_id, first=2))["album"]["images"]
    assert page["pageInfo"]["hasNextPage"]
    assert await names(first=2, after=page["pageInfo"]["endCursor"]) == ["1"]
    assert (await done("revertAlbum", id=album_id, version=1))["userErrors"] == []
    assert await names() == []
    await done("deleteAlbum", id=album_id)
    assert (await api.data("{ albums { nodes { id } } }"))["albums"]["nodes"] == []
    found = (
        await api.data(
            "query ($asOf: AsOf) { albums(asOf: $asOf) { nodes { name size } } }", asOf={"cursor": position}
        )
    )["albums"]["nodes"]
    assert found == [{"name": "Trip", "size": 4}]
    unknown = await done("addToAlbum", id=album_id, images=["img_" + "0" * 32])
    assert unknown["userErrors"] == [{"code": "INVALID_INPUT"}]
