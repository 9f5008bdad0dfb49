"""Every format from the upload to what is shown: upright, in its colours, and the first frame alone."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from domain.header import MediaType
from domain.operations.catalogue import Pixels
from gql.app import application
from infrastructure.settings import Settings
from tests.background import in_one_task
from tests.gql.api import Api, Data
from tests.infrastructure.pixels.files import (
    FORMATS,
    exif,
    from_pil,
    opened,
    picture,
    tiff,
    to_pil,
    turned,
    with_alpha,
    written,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = """
query ($id: ID!) { image(id: $id) { original { width height mediaType frames } preview(width: 4096) } }
"""
SIDEWAYS = 6


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """One server for all formats."""
    folder = tmp_path_factory.mktemp("formats")
    settings = replace(Settings(), data=folder / "data", threads=1, isolation="thread", upload_presets=())
    async with in_one_task(application(settings)) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Api(http)


async def shown(api: Api, content: bytes) -> tuple[Data, Pixels]:
    """What is said of an original, and the picture of it that is made on demand, BGR."""
    payload = await api.upload(content, "a")
    assert payload["userErrors"] == []
    image = (await api.data(SHOWN, id=payload["image"]["id"]))["image"]
    made = await api.http.get(image["preview"])
    assert made.status_code == 200, made.text
    original: Data = image["original"]
    return original, from_pil(opened(made.content))


def near(one: Pixels, other: Pixels) -> bool:
    return one.shape == other.shape and float(np.abs(one.astype(int) - other.astype(int)).mean()) < 4


def sideways(media_type: MediaType) -> bytes:
    if media_type is MediaType.TIFF:
        return tiff(picture()[..., ::-1], orientation=SIDEWAYS)
    return written(to_pil(picture()), media_type, exif=exif(SIDEWAYS), quality=95)


@pytest.mark.parametrize("media_type", FORMATS)
async def test_every_format_is_taken_and_shown(api: Api, media_type: MediaType) -> None:
    """As it is, in its size and type."""
    original, made = await shown(api, written(to_pil(picture()), media_type, quality=95))
    assert original == {"width": 60, "height": 40, "mediaType": media_type, "frames": 1}
    stored = from_pil(opened(written(to_pil(picture()), media_type, quality=95)).convert("RGB"))
    assert near(made, stored)


@pytest.mark.parametrize(
    "media_type", [MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.AVIF, MediaType.TIFF]
)
async def test_what_lies_on_its_side_is_shown_upright(api: Api, media_type: MediaType) -> None:
    """Turned exactly once; the size is that of the upright picture."""
    original, made = await shown(api, sideways(media_type))
    assert (original["width"], original["height"]) == (40, 60)
    assert near(made, turned(picture(), SIDEWAYS))


def bilevel(pixels: Pixels) -> bytes:
    return written(to_pil(pixels).convert("1", dither=Image.Dither.NONE), MediaType.PNG)


def deep(pixels: Pixels) -> bytes:
    return tiff(pixels[..., ::-1].astype(np.uint16) * 257)


def inks(pixels: Pixels) -> bytes:
    return written(to_pil(pixels).convert("CMYK"), MediaType.JPEG, quality=95)


def palette(pixels: Pixels) -> bytes:
    return written(to_pil(pixels).quantize(256), MediaType.PNG)


def gray(pixels: Pixels) -> bytes:
    return written(to_pil(pixels).convert("L"), MediaType.PNG)


@pytest.mark.parametrize(
    ("make", "mode"), [(bilevel, "1"), (deep, "RGB"), (inks, "RGB"), (palette, "RGB"), (gray, "L")]
)
async def test_every_kind_of_pixels_is_shown(api: Api, make: Callable[[Pixels], bytes], mode: str) -> None:
    """One bit and sixteen, inks, palettes and gray."""
    _, made = await shown(api, make(picture()))
    expected = to_pil(picture())
    if mode == "1":
        expected = expected.convert("1", dither=Image.Dither.NONE)
    assert near(from_pil(to_pil(made).convert("RGB")), from_pil(expected.convert(mode).convert("RGB")))


@pytest.mark.parametrize("media_type", [MediaType.PNG, MediaType.WEBP])
async def test_transparency_is_shown(api: Api, media_type: MediaType) -> None:
    """The picture that is made has it too."""
    pixels = with_alpha(picture())
    _, made = await shown(api, written(to_pil(pixels), media_type, lossless=True))
    assert made.shape == pixels.shape
    np.testing.assert_array_equal(made[..., 3], pixels[..., 3])


@pytest.mark.parametrize("media_type", [MediaType.GIF, MediaType.WEBP, MediaType.PNG, MediaType.AVIF])
async def test_an_animation_is_kept_and_its_first_frame_shown(api: Api, media_type: MediaType) -> None:
    """How many frames there are is told, and the file comes back as it was."""
    frames = [Image.new("RGB", (60, 40), color) for color in ("#c02020", "#20c020", "#2020c0")]
    file = io.BytesIO()
    frames[0].save(
        file, FORMATS[media_type], save_all=True, append_images=frames[1:], duration=100, quality=95
    )
    original, made = await shown(api, file.getvalue())
    assert original["frames"] == 3
    assert near(made, from_pil(frames[0]))
