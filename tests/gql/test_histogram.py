"""Histograms of images through the API."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from tests.gql.api import Api, Data, picture

HISTOGRAM = """query ($id: ID!, $region: RegionInput, $afterSteps: Int, $steps: [StepInput!]) {
    image(id: $id) { histogram(region: $region, afterSteps: $afterSteps, steps: $steps) {
        red green blue luminance } } }"""
STEPS: list[Any] = [{"grayscale": {}}, {"resize": {"width": 20, "height": 10}}]


async def histogram(api: Api, image_id: str, **wanted: object) -> Data:
    data: Data = (await api.data(HISTOGRAM, id=image_id, **wanted))["image"]["histogram"]
    return data


async def uploaded(api: Api, *steps: Any) -> str:  # noqa: ANN401
    image_id: str = (await api.upload(picture(64, 48)))["image"]["id"]
    if steps:
        sent = """mutation ($id: ID!, $steps: [StepInput!]!) {
            appendSteps(input: {id: $id, steps: $steps}) { userErrors { code } } }"""
        assert (await api.data(sent, id=image_id, steps=steps))["appendSteps"]["userErrors"] == []
    return image_id


async def test_a_histogram_counts_the_pixels(api: Api) -> None:
    """Of each channel, and of the luma."""
    counts = await histogram(api, await uploaded(api))
    pixels = cv2.imdecode(np.frombuffer(picture(64, 48), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    planes = dict(zip(("blue", "green", "red"), cv2.split(pixels), strict=True))
    planes["luminance"] = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    assert counts == {
        name: np.bincount(plane.ravel(), minlength=256).tolist() for name, plane in planes.items()
    }


async def test_a_histogram_is_of_any_step(api: Api) -> None:
    """The picture has other colours after the first, and another size after the second."""
    image_id = await uploaded(api, *STEPS)
    original, gray, last = [await histogram(api, image_id, afterSteps=count) for count in (0, 1, 2)]
    assert original["red"] != original["luminance"] == gray["luminance"] == gray["red"]
    assert sum(gray["red"]) == 64 * 48
    assert sum(last["red"]) == 20 * 10
    assert last == await histogram(api, image_id)


async def test_a_histogram_is_of_steps_on_trial(api: Api) -> None:
    """As if they were the recipe, which they do not become."""
    image_id = await uploaded(api, *STEPS)
    assert await histogram(api, image_id, steps=STEPS[:1]) == await histogram(api, image_id, afterSteps=1)
    assert await histogram(api, image_id, steps=[]) == await histogram(api, image_id, afterSteps=0)
    assert sum((await histogram(api, image_id))["red"]) == 20 * 10


async def test_a_histogram_is_of_a_region(api: Api) -> None:
    """In pixels of the picture after the steps."""
    image_id = await uploaded(api, *STEPS)
    region = {"rectangle": {"x": 0, "y": 0, "width": 20, "height": 5}}
    assert sum((await histogram(api, image_id, region=region))["red"]) == 100


@pytest.mark.parametrize(
    "wanted",
    [
        {"afterSteps": 3},
        {"afterSteps": -1},
        {"afterSteps": 1, "steps": STEPS},
        {"steps": [{"crop": {"width": 65, "height": 1}}]},
        {"region": {"rectangle": {"x": 0, "y": 0, "width": 21, "height": 5}}},
        {"region": {"rectangle": {"x": 0, "y": 0, "width": 0, "height": 5}}},
        {"region": {"polygon": {"points": [{"x": 0, "y": 0}] * 3}}},
    ],
)
async def test_what_is_not_there_is_refused(api: Api, wanted: dict[str, Any]) -> None:
    """Steps and regions, before anything is decoded."""
    assert await api.codes(HISTOGRAM, id=await uploaded(api, *STEPS), **wanted) == ["INVALID_INPUT"]


async def test_a_deleted_image_has_none(api: Api) -> None:
    """As it has no files."""
    image_id = await uploaded(api)
    await api.data("mutation ($id: ID!) { deleteImage(input: {id: $id}) { position } }", id=image_id)
    assert await api.codes(HISTOGRAM, id=image_id) == ["NOT_FOUND"]
