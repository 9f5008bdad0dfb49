"""`darkroom verify-rendition`: renditions made again, and compared with what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from domain import rendition
from gql.commands.command import DONE, FAILED, WRONG_USE
from infrastructure.content.digest import content_path
from infrastructure.verification import renditions
from tests.gql.api import Api, Data
from tests.gql.told import Darkroom, Told

Verify = Callable[..., "asyncio.Future[Told]"]
REQUEST = """
    mutation ($input: RequestRenditionInput!) { requestRendition(input: $input) { userErrors { code } } }
"""
URLS = "query ($id: ID!) { image(id: $id) { original { sha256 } renditions { id preset } } }"


@pytest.fixture
async def image(api: Api) -> Data:
    """A photograph with both renditions of an upload, made in one go, and one that was asked for later."""
    noise = np.random.default_rng(7).integers(0, 256, (60, 80, 3), np.uint8)
    photo = cv2.resize(noise, (1280, 960), interpolation=cv2.INTER_CUBIC)
    content = cv2.imencode(".jpg", photo)[1].tobytes()
    image_id = (await api.upload(content, "a.jpg"))["image"]["id"]
    await api.settled(image_id)
    asked = {"imageId": image_id, "preset": "thumbnail", "output": {"format": "PNG"}}
    assert (await api.data(REQUEST, input=asked))["requestRendition"]["userErrors"] == []
    await api.settled(image_id)
    found: Data = (await api.data(URLS, id=image_id))["image"]
    return {"id": image_id, **found}


@pytest.fixture
def verify(tmp_path: Path, darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Beside the server, as another process would."""
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path / "data"))

    async def carried_out(*arguments: object) -> Told:
        return await asyncio.to_thread(darkroom, "verify-rendition", *arguments)

    return carried_out  # type: ignore[return-value]


async def test_renditions_come_out_again_byte_by_byte(image: Data, verify: Verify) -> None:
    """Those that were made in one go as well as one that was made alone."""
    told = await verify("--all", "--json")
    assert told.code == DONE, told
    assert {line["rendition"] for line in told.lines} == {made["id"] for made in image["renditions"]}
    assert [(line["verdict"], line["versions"]) for line in told.lines] == [("same bytes", {})] * 3
    assert told.err == "Renditions: 3 same bytes.\n"


async def test_one_rendition_is_named_by_its_id(image: Data, verify: Verify) -> None:
    """An image stands for all that were made of it."""
    one = image["renditions"][0]["id"]
    assert (await verify(one)).out == f"{one}: same bytes.\n"
    assert len((await verify(image["id"])).out.splitlines()) == 3


async def test_a_rendition_of_another_engine_is_not_called_wrong(
    image: Data, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This one could not make it again."""
    monkeypatch.setattr(renditions, "ENGINE", "99")
    told = await verify(image["renditions"][0]["id"])
    assert told.code == DONE
    assert f"other engine. Made by engine {rendition.ENGINE}; this is engine 99." in told.out


async def test_another_encoder_is_told_with_its_version(
    image: Data, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that differ are not wrong as long as the pixels are the same."""
    monkeypatch.setattr(renditions, "library_versions", lambda: {"OpenCV": "9.9"})
    encode = cv2.imencode

    def other(extension: str, pixels: object, parameters: object) -> object:
        return encode(extension, pixels, [cv2.IMWRITE_PNG_COMPRESSION, 0])  # type: ignore[call-overload]

    monkeypatch.setattr(cv2, "imencode", other)
    (png,) = [made["id"] for made in image["renditions"] if made["preset"] == ""]
    told = await verify(png, "--json")
    assert told.code == DONE
    assert told.json["verdict"] == "same pixels"
    assert (told.json["most"], told.json["psnr"]) == (0, None)
    assert told.json["versions"]["OpenCV"] == [cv2.__version__, "9.9"]


async def test_other_pixels_are_told_with_how_far_they_are(
    image: Data, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a failure, also where most of the others are right."""
    encode = cv2.imencode

    def brighter(extension: str, pixels: cv2.typing.MatLike, parameters: list[int]) -> object:
        return encode(extension, cv2.add(pixels, np.full_like(pixels, 3)), parameters)

    monkeypatch.setattr(cv2, "imencode", brighter)
    (png,) = [made["id"] for made in image["renditions"] if made["preset"] == ""]
    told = await verify(png, "--json")
    assert told.code == FAILED
    assert (told.json["verdict"], told.json["most"]) == ("different", 3)
    assert 35 < told.json["psnr"] < 45


@pytest.mark.parametrize("which", ["original", "rendition"])
async def test_bytes_that_are_gone_or_changed_are_missed(
    which: str, image: Data, verify: Verify, api: Api, tmp_path: Path
) -> None:
    """Of the rendition or its original."""
    one = image["renditions"][0]["id"]
    sha256 = image["original"]["sha256"]
    if which == "rendition":
        query = "query ($id: ID!) { node(id: $id) { ... on Rendition { url } } }"
        sha256 = (await api.data(query, id=one))["node"]["url"].split("/")[-1].partition(".")[0]
    path = content_path(tmp_path / "data" / "content", sha256)
    path.chmod(0o600)
    path.write_bytes(b"something else")
    assert (await verify(one)).code == FAILED
    path.unlink()
    told = await verify(one, "--json")
    assert (told.code, told.json["verdict"]) == (FAILED, "missing")


async def test_of_a_purged_image_nothing_is_left_to_compare(image: Data, verify: Verify, api: Api) -> None:
    """And that is not wrong."""
    purge = """mutation ($delete: DeleteImageInput!, $purge: PurgeImageInput!) {
        deleteImage(input: $delete) { position } purgeImage(input: $purge) { position } }"""
    await api.data(purge, delete={"id": image["id"]}, purge={"id": image["id"]})
    told = await verify("--all")
    assert (told.code, told.out, told.err) == (DONE, "", "Renditions: none.\n")


async def test_what_is_not_there_is_told(image: Data, verify: Verify) -> None:
    """Ids that are none, that name nothing, and no ids at all."""
    unknown = "0" * 32
    known = image["id"].removeprefix("img_")
    assert (await verify(f"img_{unknown}")).code == FAILED
    assert (await verify(f"rnd_{known}_{unknown}")).code == FAILED
    assert (await verify("x")).code == WRONG_USE
    assert (await verify()).code == WRONG_USE
    assert (await verify("--all", image["id"])).code == WRONG_USE
