"""Viewers are told of an image, and given any part of it in any size, as the IIIF Image API 3.0 has it."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path
from typing import Any, NoReturn

import cv2
import httpx
import numpy as np
import pytest
from PIL import Image

from domain.errors import Busy, WorkerDied
from domain.operations.catalogue import Pixels
from infrastructure import examinations, renderings
from infrastructure.pictures import PoolPictures
from infrastructure.pixels.executor import DirectExecutor
from infrastructure.pyramids import Pyramids
from tests.gql.api import Api
from tests.infrastructure.pixels.files import picture, scene

WIDTH, HEIGHT = 300, 200
FULL = "full/max/0/default.png"


def png(pixels: Pixels) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()


def shown() -> Pixels:
    """Each quarter in a colour of its own, with some structure."""
    pixels = picture(WIDTH, HEIGHT) // 4
    pixels[:100, :150, 0] += 190
    pixels[:100, 150:, 1] += 190
    pixels[100:, :150, 2] += 190
    return pixels


async def service(api: Api, image_id: str) -> str:
    url: str = (await api.data("query ($id: ID!) { image(id: $id) { iiif } }", id=image_id))["image"]["iiif"]
    return url


async def uploaded(api: Api, content: bytes | None = None) -> str:
    """The URL of a new image."""
    return await service(api, (await api.upload(content or png(shown())))["image"]["id"])


def decoded(response: httpx.Response) -> Any:  # noqa: ANN401
    assert response.status_code == 200, response.text
    return cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED)


def refused(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["access-control-allow-origin"] == "*"
    return response.status_code, response.json()["code"]


# -- what is told


async def test_a_viewer_is_told_what_it_can_ask_for(api: Api) -> None:
    """Under the name by which it has asked."""
    url = await uploaded(api)
    assert re.fullmatch(r"/iiif/3/[0-9a-f]{32}~[0-9a-f]{16}", url)
    response = await api.http.get(f"{url}/info.json")
    assert response.json() == {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": f"http://localhost{url}",
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": WIDTH,
        "height": HEIGHT,
        "maxArea": 20_000_000,
        "sizes": [{"width": WIDTH, "height": HEIGHT}],
        "tiles": [{"width": 512, "height": 512, "scaleFactors": [1]}],
        "preferredFormats": ["jpg"],
        "extraFormats": ["webp", "tif"],
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": ["canonicalLinkHeader", "mirroring", "profileLinkHeader", "sizeUpscaling"],
    }
    assert next(iter(response.json())) == "@context"
    elsewhere = await api.http.get(f"http://127.0.0.1:8000{url}/info.json")
    assert elsewhere.json()["id"] == f"http://127.0.0.1:8000{url}"


async def test_information_is_json_or_linked_data(api: Api) -> None:
    """As linked data for those who name it or say nothing."""
    url = f"{await uploaded(api)}/info.json"
    linked = 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"'
    for accept, media_type in (
        ("*/*", "application/json"),
        ("text/html,*/*;q=0.8", "application/json"),
        ("application/json", "application/json"),
        ("application/ld+json", linked),
        (None, linked),
    ):
        request = api.http.build_request("GET", url)
        del request.headers["accept"]
        if accept is not None:
            request.headers["accept"] = accept
        response = await api.http.send(request)
        assert (response.headers["content-type"], response.headers["vary"]) == (media_type, "Accept")


async def test_an_image_itself_leads_to_what_is_told_of_it(api: Api) -> None:
    """By 303, as the standard recommends."""
    url = await uploaded(api)
    response = await api.http.get(url)
    assert (response.status_code, response.headers["location"]) == (303, f"http://localhost{url}/info.json")
    assert (await api.http.get(url.replace("~", "%7E"), follow_redirects=True)).json()["id"].endswith(url)


async def test_a_trimmed_image_has_the_size_that_is_left(api: Api) -> None:
    """It is not known before the picture is made."""
    pixels = np.full((90, 120, 3), 255, np.uint8)
    pixels[20:60, 30:100] = picture(70, 40)
    image_id = (await api.upload(png(pixels)))["image"]["id"]
    await append(api, image_id, {"trim": {}})
    url = await service(api, image_id)
    told = (await api.http.get(f"{url}/info.json")).json()
    assert (told["width"], told["height"]) == (70, 40)
    assert decoded(await api.http.get(f"{url}/full/35,/0/default.jpg")).shape == (20, 35, 3)


# -- what is shown


async def test_regions(api: Api) -> None:
    """Pixel for pixel; what stands out is cut off."""
    url = await uploaded(api)
    for region, rows, columns in (
        ("full", slice(None), slice(None)),
        ("square", slice(None), slice(50, 250)),
        ("125,15,120,140", slice(15, 155), slice(125, 245)),
        ("125,15,200,200", slice(15, 200), slice(125, 300)),
        ("pct:41.6,7.5,40,70", slice(15, 155), slice(125, 245)),
    ):
        pixels = decoded(await api.http.get(f"{url}/{region}/max/0/default.png"))
        assert np.array_equal(pixels, shown()[rows, columns]), region


async def test_sizes(api: Api) -> None:
    """Of the whole picture."""
    url = await uploaded(api)
    for asked, size in {
        "max": (300, 200),
        "150,": (150, 100),
        ",150": (225, 150),
        "pct:50": (150, 100),
        "225,100": (225, 100),
        "!225,100": (150, 100),
        "^360,": (360, 240),
        "^,240": (360, 240),
        "^pct:120": (360, 240),
        "^360,360": (360, 360),
        "^!360,360": (360, 240),
    }.items():
        pixels = decoded(await api.http.get(f"{url}/full/{asked}/0/default.png"))
        expected = cv2.resize(shown(), size, interpolation=cv2.INTER_AREA)
        assert pixels.shape == expected.shape, asked
        assert np.abs(pixels.astype(int) - expected).mean() < 8, asked


async def test_rotations(api: Api) -> None:
    """Clockwise, after mirroring."""
    url = await uploaded(api)
    for asked, turned in {
        "0": shown(),
        "90": np.rot90(shown(), -1),
        "180": np.rot90(shown(), 2),
        "270": np.rot90(shown()),
        "!0": shown()[:, ::-1],
        "!90": np.rot90(shown()[:, ::-1], -1),
        "!180.0": np.rot90(shown()[:, ::-1], 2),
    }.items():
        assert np.array_equal(decoded(await api.http.get(f"{url}/full/max/{asked}/default.png")), turned), (
            asked
        )


async def test_qualities(api: Api) -> None:
    """Colour is what there is; bitonal has two levels."""
    url = await uploaded(api)
    made = {
        quality: decoded(await api.http.get(f"{url}/full/max/0/{quality}.png"))
        for quality in ("default", "color", "gray", "bitonal")
    }
    assert np.array_equal(made["default"], shown())
    assert np.array_equal(made["color"], shown())
    assert np.array_equal(made["gray"], cv2.cvtColor(shown(), cv2.COLOR_BGR2GRAY))
    assert np.unique(made["bitonal"]).tolist() == [0, 255]


async def test_formats(api: Api) -> None:
    """Named by their types, and told apart by their bytes."""
    url = await uploaded(api)
    for extension, media_type in (("jpg", "jpeg"), ("png", "png"), ("webp", "webp"), ("tif", "tiff")):
        response = await api.http.get(f"{url}/full/max/0/default.{extension}")
        assert response.headers["content-type"] == f"image/{media_type}"
        assert Image.open(io.BytesIO(response.content)).format == media_type.upper()
        assert np.abs(decoded(response).astype(int) - shown()).mean() < 8, extension


async def test_the_order_is_region_size_rotation_quality(api: Api) -> None:
    """The example of the standard, but for the angle."""
    pixels = decoded(await api.http.get(f"{await uploaded(api)}/125,15,120,140/90,/!270/gray.png"))
    cut = cv2.resize(shown()[15:155, 125:245], (90, 105), interpolation=cv2.INTER_AREA)
    expected = cv2.cvtColor(np.ascontiguousarray(np.rot90(cut[:, ::-1])), cv2.COLOR_BGR2GRAY)
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected).mean() < 2


async def test_an_image_is_shown_by_its_recipe(api: Api) -> None:
    """Regions and sizes are those of the result."""
    image_id = (await api.upload(png(shown())))["image"]["id"]
    await append(api, image_id, {"crop": {"x": 100, "y": 0, "width": 100, "height": 100}}, {"grayscale": {}})
    url = await service(api, image_id)
    told = (await api.http.get(f"{url}/info.json")).json()
    assert (told["width"], told["height"]) == (100, 100)
    gray = cv2.cvtColor(shown(), cv2.COLOR_BGR2GRAY)
    assert np.array_equal(
        decoded(await api.http.get(f"{url}/10,0,50,50/max/0/default.png")), gray[:50, 110:160]
    )


# -- how it is answered


async def test_a_picture_can_be_kept_for_ever_and_read_by_pages_of_any_site(api: Api) -> None:
    """It says which standard it follows, and which URL is the one for it."""
    url = await uploaded(api)
    response = await api.http.get(f"{url}/pct:0,0,100,100/!300,200/360/default.jpg")
    etag = response.headers["etag"]
    assert dict(response.headers) == {
        "access-control-allow-origin": "*",
        "cache-control": "private, max-age=31536000, immutable",
        "content-disposition": "inline; filename=\"a-detail.jpg\"; filename*=UTF-8''a-detail.jpg",
        "content-length": str(len(response.content)),
        "content-security-policy": "default-src 'none'; sandbox",
        "content-type": "image/jpeg",
        "cross-origin-resource-policy": "cross-origin",
        "etag": etag,
        "link": '<http://iiif.io/api/image/3/level2.json>;rel="profile", '
        f'<http://localhost{url}/full/max/0/default.jpg>;rel="canonical"',
        "x-content-type-options": "nosniff",
    }
    canonical = await api.http.get(f"{url}/full/max/0/default.jpg", headers={"If-None-Match": etag})
    assert (canonical.status_code, canonical.content, canonical.headers["etag"]) == (304, b"", etag)
    told = await api.http.head(f"{url}/full/max/0/default.jpg")
    assert (told.status_code, told.content, told.headers["etag"]) == (200, b"", etag)
    assert (await api.http.get(f"{url}/{FULL}")).headers["etag"] != etag


async def test_what_is_told_is_conditional_too(api: Api) -> None:
    """As JSON and as linked data it has different bytes' names."""
    url = f"{await uploaded(api)}/info.json"
    response = await api.http.get(url)
    etag = response.headers["etag"]
    assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert response.headers["link"] == '<http://iiif.io/api/image/3/level2.json>;rel="profile"'
    assert (await api.http.get(url, headers={"If-None-Match": etag})).status_code == 304
    linked = await api.http.get(url, headers={"If-None-Match": etag, "Accept": "application/ld+json"})
    assert linked.status_code == 200


async def test_other_methods_are_refused(api: Api) -> None:
    """But for the question that browsers ask before they read what is of another site."""
    url = f"{await uploaded(api)}/info.json"
    posted = await api.http.post(url)
    assert refused(posted) == (405, "METHOD_NOT_ALLOWED")
    assert posted.headers["allow"] == "GET, HEAD, OPTIONS"
    asked = await api.http.options(url, headers={"Access-Control-Request-Method": "GET"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
    assert "GET" in asked.headers["access-control-allow-methods"]


async def test_what_is_wrong_or_not_supported_is_400(api: Api) -> None:
    """In each of its parts, as sections 4.1 to 4.5 have it; of what 501 is for, nothing is missing."""
    url = await uploaded(api)
    for path in (
        "",
        "full",
        "full/max/0",
        "full/max/0/default",
        "full/max/0/default.jpg/",
        "info.xml",
        "300,0,5,5/max/0/default.jpg",
        "0,0,0,5/max/0/default.jpg",
        "half/max/0/default.jpg",
        "full/full/0/default.jpg",
        "full/301,/0/default.jpg",
        "full/pct:120/0/default.jpg",
        "full/0,/0/default.jpg",
        "full/^5000,5000/0/default.jpg",
        "full/max/45/default.jpg",
        "full/max/361/default.jpg",
        "full/max/0/native.jpg",
        "full/max/0/default.jp2",
        "full/max/0/default.gif",
    ):
        assert refused(await api.http.get(f"{url}/{path}")) == (400, "INVALID_INPUT"), path


async def test_only_the_url_that_the_api_gives_is_known(api: Api) -> None:
    """Neither another mark, nor that of another image, nor none; nor a deleted image."""
    image_id = (await api.upload(png(shown())))["image"]["id"]
    url, other = await service(api, image_id), await uploaded(api, png(scene(1)))
    own, mark = url.removeprefix("/iiif/3/").split("~")
    for forged in (
        own,
        f"{own}~",
        f"{own}~{'0' * 16}",
        f"{own}~{other[-16:]}",
        f"{mark}~{own}",
        "x~y",
        "a%2Fb",
        "[]",
    ):
        for path in ("", "/info.json", f"/{FULL}"):
            assert refused(await api.http.get(f"/iiif/3/{forged}{path}")) == (404, "NOT_FOUND")
    for mutation, status in (("deleteImage", 404), ("restoreImage", 200)):
        await api.data(
            f"mutation ($id: ID!) {{ {mutation}(input: {{id: $id}}) {{ position }} }}", id=image_id
        )
        assert (await api.http.get(f"{url}/{FULL}")).status_code == status


async def test_another_recipe_has_another_url(api: Api) -> None:
    """The former one is not found, until the recipe is what it was."""
    image_id = (await api.upload(png(shown())))["image"]["id"]
    former = await service(api, image_id)
    await append(api, image_id, {"grayscale": {}})
    assert await service(api, image_id) != former
    assert refused(await api.http.get(f"{former}/info.json")) == (404, "NOT_FOUND")
    await api.data("mutation ($id: ID!) { undoImage(input: {id: $id}) { position } }", id=image_id)
    assert await service(api, image_id) == former
    assert (await api.http.get(f"{former}/info.json")).status_code == 200


async def test_a_busy_server_says_when_to_ask_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for all pictures."""

    async def busy(*_: object) -> NoReturn:
        raise Busy("Too many pictures are waiting to be worked on.")

    url = await uploaded(api)
    monkeypatch.setattr(PoolPictures, "make", busy)
    answer = await api.http.get(f"{url}/{FULL}")
    assert (refused(answer), answer.headers["retry-after"]) == ((503, "BUSY"), "1")


async def test_a_quarantined_picture_is_left_alone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is told or shown."""

    def dies(*_: object) -> NoReturn:
        raise WorkerDied("It died.")

    monkeypatch.setattr(DirectExecutor, "execute", dies)
    monkeypatch.setattr(renderings, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(examinations, "BACKOFF_SECONDS", 0.001)
    image_id = (await api.upload(png(shown())))["image"]["id"]
    await api.settled(image_id)
    url = await service(api, image_id)
    for path in ("", "/info.json", f"/{FULL}"):
        assert refused(await api.http.get(f"{url}{path}")) == (422, "QUARANTINED")


# -- tiles


async def test_a_large_picture_is_served_from_tiles_which_go_with_it(api: Api, tmp_path: Path) -> None:
    """They show the same as without, a purge leaves nothing of them, and they are made when one looks."""
    large = cv2.resize(scene(7), (4096, 4001), interpolation=cv2.INTER_CUBIC)
    content = cv2.imencode(".jpg", large, (cv2.IMWRITE_JPEG_QUALITY, 95))[1].tobytes()
    image_id = (await api.upload(content))["image"]["id"]
    await api.settled(image_id)
    url, folder = await service(api, image_id), tmp_path / "data" / "tiles"
    paths = [
        "1024,512,512,512/512,512/0/default.jpg",
        "3584,3584,512,417/max/0/default.jpg",
        "2048,2048,2048,1953/512,489/0/default.jpg",
        "full/512,501/0/default.jpg",
    ]
    with pytest.MonkeyPatch.context() as without:
        without.setattr(Pyramids, "read", nothing)
        before = [decoded(await api.http.get(f"{url}/{path}")) for path in paths]
    assert (await api.http.get(f"{url}/info.json")).status_code == 200
    async with asyncio.timeout(20):
        while not list(folder.rglob("*.zip")):
            await asyncio.sleep(0.02)
    with pytest.MonkeyPatch.context() as without:
        without.delattr(PoolPictures, "make")
        after = [decoded(await api.http.get(f"{url}/{path}")) for path in paths]
    for one, other in zip(before, after, strict=True):
        assert one.shape == other.shape
        assert cv2.PSNR(one, other) > 38
    for mutation in ("deleteImage", "purgeImage"):
        sent = f"mutation ($id: ID!) {{ {mutation}(input: {{id: $id}}) {{ userErrors {{ code }} }} }}"
        await api.data(sent, id=image_id)
    async with asyncio.timeout(20):
        while list(folder.iterdir()):
            await asyncio.sleep(0.02)


async def nothing(*_: object) -> None:
    """No tile is there."""


async def append(api: Api, image_id: str, *steps: dict[str, Any]) -> None:
    mutation = """mutation ($id: ID!, $steps: [StepInput!]!) {
        appendSteps(input: {id: $id, steps: $steps}) { userErrors { code } } }"""
    assert (await api.data(mutation, id=image_id, steps=list(steps)))["appendSteps"]["userErrors"] == []
