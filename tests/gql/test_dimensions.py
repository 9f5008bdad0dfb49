"""How large a picture is after the steps of its recipe, through the API."""

from __future__ import annotations

from tests.gql.api import Api, picture

DIMENSIONS = """query ($id: ID!, $afterSteps: Int) {
    image(id: $id) { dimensions(afterSteps: $afterSteps) { width height } } }"""
STEPS = """mutation ($id: ID!) { appendSteps(input: {id: $id, steps: [
    {crop: {width: 40, height: 30}}, {rotate: {degrees: 90}}, {trim: {}}]}) { image { id } } }"""


async def test_the_size_is_told_after_any_step(api: Api) -> None:
    """Of the original, of a step, of the last one; and no step that is not there."""
    image_id = (await api.upload(picture(64, 48)))["image"]["id"]
    await api.data(STEPS, id=image_id)

    async def size(after_steps: int | None) -> tuple[int, int]:
        data = await api.data(DIMENSIONS, id=image_id, afterSteps=after_steps)
        found = data["image"]["dimensions"]
        return found["width"], found["height"]

    assert [await size(count) for count in (0, 1, 2, 3)] == [(64, 48), (40, 30), (30, 40), (30, 40)]
    assert await size(None) == (30, 40)
    assert await api.codes(DIMENSIONS, id=image_id, afterSteps=4) == ["INVALID_INPUT"]
