"""What the examination of an original has found, as the API tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from domain.header import MediaType
from gql.app import application
from infrastructure.settings import Settings
from tests.gql.api import Api, Data
from tests.infrastructure.pixels.files import picture, scene, to_pil, written

FINDINGS = """
query ($id: ID!) { image(id: $id) {
  examined takenAt placeholder pixelHash perceptualHash version
  camera { make model } location { latitude longitude altitude } metadata { fNumber meteringMode }
  samePixels { id } history(first: 9) { nodes { type } }
} }
"""
NEAR = """
query ($id: ID!, $within: Int!) {
  nearDuplicates(id: $id, maxDistance: $within) { distance image { id } }
}
"""


def photo(*, taken: str = "2024:02:28 23:30:15", quality: int = 90) -> bytes:
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = "Canon"
    tags.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.DateTimeOriginal: taken, ExifTags.Base.FNumber: IFDRational(28, 10)}
    )
    north, east = ExifTags.GPS.GPSLatitudeRef, ExifTags.GPS.GPSLongitudeRef
    tags.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            north: "N",
            ExifTags.GPS.GPSLatitude: (IFDRational(48), IFDRational(30), IFDRational(0)),
            east: "W",
            ExifTags.GPS.GPSLongitude: (IFDRational(2), IFDRational(15), IFDRational(0)),
        }
    )
    return written(to_pil(scene(1)), MediaType.JPEG, exif=tags, quality=quality)


async def examined(api: Api, content: bytes, name: str = "a.jpg") -> Data:
    image_id = (await api.upload(content, name))["image"]["id"]
    async with asyncio.timeout(20):
        while True:
            image: Data = (await api.data(FINDINGS, id=image_id))["image"]
            if image["examined"]:
                return image | {"id": image_id}
            await asyncio.sleep(0.02)


@asynccontextmanager
async def serving(folder: Path, **changes: Any) -> AsyncIterator[Api]:  # noqa: ANN401
    settings = replace(Settings(), data=folder / "data", threads=1, **changes)
    async with application(settings) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Api(http)


async def test_an_upload_is_examined_and_its_version_stays(api: Api) -> None:
    """Who edits with the version that the upload answered is not refused; history shows what people did."""
    image = await examined(api, photo())
    assert image["takenAt"].startswith("2024-02-28T23:30:15")
    assert image["camera"] == {"make": "Canon", "model": None}
    assert image["metadata"] == {"fNumber": 2.8, "meteringMode": None}
    assert (len(image["pixelHash"]), len(image["perceptualHash"]), image["version"]) == (64, 16, 1)
    assert image["placeholder"]
    assert [node["type"] for node in image["history"]["nodes"]] == ["ImageUploaded"]
    rename = """mutation ($id: ID!) { describeImage(input: {id: $id, name: "x", expectedVersion: 1}) {
        userErrors { code } } }"""
    assert (await api.data(rename, id=image["id"]))["describeImage"]["userErrors"] == []


@pytest.mark.parametrize(("locations", "shown"), [("hide", False), ("show", True)])
async def test_places_are_hidden_unless_the_server_is_set_to_show_them(
    tmp_path: Path, locations: str, shown: bool
) -> None:
    """They were found all the same."""
    async with serving(tmp_path, locations=locations) as api:
        location = (await examined(api, photo()))["location"]
    assert location == ({"latitude": 48.5, "longitude": -2.25, "altitude": None} if shown else None)


def test_places_are_hidden_by_default() -> None:
    """Nobody has to know of the setting."""
    assert Settings().locations == "hide"


async def test_same_and_nearly_the_same_are_different_answers(api: Api) -> None:
    """A copy without loss, one with, and another picture."""
    content = photo()
    first = await examined(api, content)
    decoded = np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))
    copy = await examined(api, written(to_pil(decoded), MediaType.PNG), "b.png")
    worse = await examined(api, photo(quality=40), "c.jpg")
    other = cv2.flip(decoded, 0)
    await examined(api, written(to_pil(other), MediaType.PNG), "d.png")
    assert copy["samePixels"] == [{"id": first["id"]}]
    assert worse["samePixels"] == []
    near = (await api.data(NEAR, id=first["id"], within=8))["nearDuplicates"]
    assert near[0] == {"distance": 0, "image": {"id": copy["id"]}}
    assert [each["image"]["id"] for each in near] == [copy["id"], worse["id"]]
    assert await api.codes(NEAR, id=first["id"], within=65) == ["INVALID_INPUT"]


async def test_lists_are_filtered_and_sorted_by_when_pictures_were_taken(api: Api) -> None:
    """Those of which it is not known come last, and are not found."""
    late = (await examined(api, photo(taken="2025:01:01 00:00:00")))["id"]
    early = (await examined(api, photo(taken="1999:01:01 00:00:00")))["id"]
    unknown = (await examined(api, written(to_pil(picture()), MediaType.PNG), "a.png"))["id"]
    query = """query ($filter: ImageFilter, $direction: SortDirection!, $after: String) {
        images(filter: $filter, orderBy: {field: TAKEN_AT, direction: $direction}, first: 2, after: $after) {
            nodes { id } pageInfo { endCursor hasNextPage } } }"""
    for direction, expected in (("ASC", [early, late, unknown]), ("DESC", [late, early, unknown])):
        page = (await api.data(query, direction=direction))["images"]
        cursor = page["pageInfo"]["endCursor"]
        rest = (await api.data(query, direction=direction, after=cursor))["images"]
        assert [node["id"] for node in (*page["nodes"], *rest["nodes"])] == expected
        assert not rest["pageInfo"]["hasNextPage"]
    wanted = {"takenAt": {"lt": "2000-01-01T00:00:00Z"}, "camera": "canon"}
    found = (await api.data(query, direction="ASC", filter=wanted))["images"]["nodes"]
    assert found == [{"id": early}]
    assert (await api.data(query, direction="ASC", filter={"camera": "nikon"}))["images"]["nodes"] == []
