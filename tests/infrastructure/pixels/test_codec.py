"""Files become pixels and pixels become files, and nothing else comes with them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from domain.errors import DamagedFile, InvalidInput
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels
from domain.output import Output, default_output
from infrastructure.pixels.codec import SCALES, decode, encode
from tests.infrastructure.pixels import profiles
from tests.infrastructure.pixels.files import (
    FORMATS,
    exif,
    from_pil,
    header_of,
    opened,
    picture,
    tiff,
    to_pil,
    turned,
    with_alpha,
    written,
)

ROOT = Path(__file__).parents[3]
DEEP = {MediaType.PNG, MediaType.TIFF}
LOSSLESS = {MediaType.PNG, MediaType.TIFF, MediaType.BMP}
SHAPES = ["gray", "gray+alpha", "color", "color+alpha"]
ORIENTATIONS = range(1, 9)


def shaped(shape: str, *, deep: bool = False) -> Pixels:
    pixels = picture()[..., 1] if shape.startswith("gray") else picture()
    if deep:
        pixels = pixels.astype(np.uint16) * 257 - (pixels > 0) * np.uint16(3)
    return with_alpha(pixels) if shape.endswith("alpha") else pixels


def psnr(one: Pixels, two: Pixels) -> float:
    error = np.mean((one.astype(float) - two.astype(float)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def test_only_the_codec_decodes() -> None:
    """Whatever OpenCV decodes has passed the gate; one place in the sources is enough to see that."""
    sources = [
        path for folder in ("domain", "infrastructure", "gql") for path in (ROOT / folder).rglob("*.py")
    ]
    decoders = ("imdecode", "imread", "VideoCapture", "heif_decode_image", "open_heif")
    found = {path for path in sources if any(name in path.read_text() for name in decoders)}
    pixels = ROOT / "infrastructure" / "pixels"
    assert found == {pixels / "codec.py", pixels / "libheif.py"}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("media_type", [MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.AVIF])
def test_a_picture_is_turned_upright_once(media_type: MediaType, orientation: int) -> None:
    """As the header says, whatever the decoder thinks of it."""
    image = to_pil(picture())
    stored = from_pil(opened(written(image, media_type, lossless=True, quality=95)))
    content = written(image, media_type, exif=exif(orientation), lossless=True, quality=95)
    result = decode(content, header_of(media_type, picture(), orientation))
    np.testing.assert_array_equal(result, turned(stored, orientation))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("media_type", [MediaType.PNG, MediaType.WEBP])
def test_a_picture_with_alpha_is_turned_upright_once(media_type: MediaType, orientation: int) -> None:
    """Alpha needs another way to decode, which turns nothing by itself."""
    pixels = with_alpha(picture())
    pixels[..., 3] |= 1
    content = written(to_pil(pixels), media_type, exif=exif(orientation), lossless=True)
    result = decode(content, header_of(media_type, pixels, orientation))
    np.testing.assert_array_equal(result, turned(pixels, orientation))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("tile", [None, 32])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["gray", "color", "color+alpha", "deep gray", "deep color"])
def test_a_tiff_is_turned_upright_once(
    kind: str, order: Literal["<", ">"], tile: int | None, orientation: int
) -> None:
    """In strips and in tiles, of 8 and of 16 bits: OpenCV would turn tiles wrongly."""
    pixels = shaped(kind.removeprefix("deep "), deep=kind.startswith("deep"))
    samples = pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]
    content = tiff(samples, order, tile, orientation=orientation)
    result = decode(content, header_of(MediaType.TIFF, pixels, orientation))
    np.testing.assert_array_equal(result, turned(pixels, orientation))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("size", [(64, 48), (61, 43), (8, 9)])
def test_a_jpeg_is_decoded_smaller_and_upright(
    size: tuple[int, int], scale: int, orientation: int, *, gray: bool
) -> None:
    """Sides are divided and rounded up; what is seen is the average of what the whole shows."""
    pixels = picture(*size)
    content = written(to_pil(pixels), MediaType.JPEG, quality=100, subsampling=0, exif=exif(orientation))
    result = decode(content, header_of(MediaType.JPEG, pixels, orientation), scale=scale, gray=gray)
    padded = np.pad(pixels, ((0, -size[1] % scale), (0, -size[0] % scale), (0, 0)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // scale, scale, padded.shape[1] // scale, scale, 3)
    expected = turned(blocks.mean(axis=(1, 3)), orientation)
    if gray:
        expected = expected @ (0.114, 0.587, 0.299)
    assert result.shape == expected.shape
    assert psnr(result, expected) > 34


@pytest.mark.parametrize(
    ("mode", "media_type", "shape"),
    [
        ("RGB", MediaType.PNG, (40, 60, 3)),
        ("RGBA", MediaType.PNG, (40, 60, 4)),
        ("L", MediaType.PNG, (40, 60)),
        ("LA", MediaType.PNG, (40, 60, 4)),
        ("P", MediaType.PNG, (40, 60, 3)),
        ("1", MediaType.PNG, (40, 60)),
        ("RGB", MediaType.WEBP, (40, 60, 3)),
        ("RGBA", MediaType.WEBP, (40, 60, 4)),
        ("RGB", MediaType.TIFF, (40, 60, 3)),
        ("L", MediaType.TIFF, (40, 60)),
        ("P", MediaType.TIFF, (40, 60, 3)),
        ("1", MediaType.TIFF, (40, 60)),
        ("RGB", MediaType.BMP, (40, 60, 3)),
        ("L", MediaType.BMP, (40, 60)),
        ("P", MediaType.BMP, (40, 60, 3)),
        ("1", MediaType.BMP, (40, 60)),
        ("P", MediaType.GIF, (40, 60, 3)),
        ("L", MediaType.GIF, (40, 60, 3)),
        ("L", MediaType.JPEG, (40, 60)),
        ("RGB", MediaType.JPEG, (40, 60, 3)),
        ("CMYK", MediaType.JPEG, (40, 60, 3)),
        ("RGBA", MediaType.AVIF, (40, 60, 4)),
    ],
)
def test_every_mode_is_decoded_as_pillow_does(
    mode: str, media_type: MediaType, shape: tuple[int, ...]
) -> None:
    """Palettes, single bits, gray, CMYK: all come as gray, BGR or BGRA of 8 bits, within rounding."""
    source = to_pil(with_alpha(picture()) if "A" in mode else picture()).convert(mode)
    content = written(source, media_type, lossless=True)
    result = decode(content, header_of(media_type, picture()))
    as_pillow = opened(content).convert({2: "L", 3: "RGB" if shape[2:] == (3,) else "RGBA"}[len(shape)])
    assert result.shape == shape
    assert result.dtype == np.uint8
    np.testing.assert_allclose(result.astype(int), from_pil(as_pillow).astype(int), atol=1)


def test_sixteen_bits_are_kept() -> None:
    """Of PNG and TIFF, in every shape."""
    for shape in SHAPES:
        pixels = shaped(shape, deep=True)
        for media_type in (MediaType.PNG, MediaType.TIFF):
            result = decode(bytes(encode(pixels, Output(media_type))), header_of(media_type, pixels))
            expected = pixels[..., [0, 0, 0, 1]] if shape == "gray+alpha" else pixels
            np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("media_type", [MediaType.GIF, MediaType.WEBP, MediaType.PNG, MediaType.AVIF])
def test_of_an_animation_the_first_frame_is_decoded(media_type: MediaType) -> None:
    """The others are counted in the header, and not seen."""
    first, second = picture(), picture()[::-1].copy()
    options = {"save_all": True, "lossless": True, "append_images": [to_pil(second)]}
    content = written(to_pil(first), media_type, **options)
    result = decode(content, header_of(media_type, first, frames=2))[..., :3]
    assert psnr(result, first) > 25
    assert psnr(result, first) > psnr(result, second) + 5


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("part", [0.3, 0.7, 0.97])
def test_a_file_cut_short_is_damaged(media_type: MediaType, part: float) -> None:
    """It is refused in words, and never half shown."""
    content = bytes(encode(picture(300, 200), default_output(media_type)))
    with pytest.raises(DamagedFile, match=r"cannot be decoded: it is damaged") as refused:
        decode(content[: int(len(content) * part)], header_of(media_type, picture(300, 200)))
    assert refused.value.code == "DAMAGED_FILE"


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("scale", SCALES)
def test_a_file_of_another_size_than_its_header_said_is_damaged(media_type: MediaType, scale: int) -> None:
    """The gate and OpenCV must have read the same thing."""
    scale = scale if media_type is MediaType.JPEG else 1
    content = bytes(encode(picture(64, 48), default_output(media_type)))
    for width, height in ((64 + scale, 48), (64, 48 + scale), (48, 64)):
        with pytest.raises(DamagedFile):
            decode(content, ImageHeader(media_type, width, height), scale=scale)


def test_a_decoder_that_refuses_for_size_is_no_crash() -> None:
    """The limit of OpenCV itself is the second line of defence: what it refuses is a damaged file."""
    width, height = 20_000, 20_000
    content = b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + bytes(3)
    content += b"\x2c" + bytes(4) + b"\1\0\1\0\x80\0\0\0\xff\xff\xff\x02\x02\x44\x01\0\x3b"
    with pytest.raises(DamagedFile):
        decode(content, ImageHeader(MediaType.GIF, width, height))


def on_white(pixels: Pixels, *, all_or_nothing: bool = False) -> Pixels:
    """What people see of pixels of 8 bits, in three channels."""
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    layers = pixels.reshape(*pixels.shape[:2], channels)
    has_alpha = channels in {2, 4}
    colors = layers[..., : channels - 1] if has_alpha else layers
    alpha = layers[..., -1:] / 255 if has_alpha else np.ones((*pixels.shape[:2], 1))
    if all_or_nothing:
        alpha = np.floor(alpha + 127 / 255)
    seen: Pixels = np.broadcast_to(colors * alpha + 255 * (1 - alpha), (*pixels.shape[:2], 3))
    return seen


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("deep", [False, True])
def test_every_shape_is_written_in_every_format(media_type: MediaType, shape: str, *, deep: bool) -> None:
    """What another library reads back is the same picture, as far as the format can tell it."""
    pixels = shaped(shape, deep=deep)
    image = opened(encode(pixels, default_output(media_type)))
    assert image.size == (60, 40)
    if deep and media_type in DEEP:
        return  # Pillow does not read colours of 16 bits
    shades = np.rint(pixels / 257).astype(np.uint8) if deep else pixels
    expected = on_white(shades, all_or_nothing=media_type is MediaType.GIF)
    assert psnr(on_white(from_pil(image.convert("RGBA"))), expected) > (50 if media_type in LOSSLESS else 30)


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (2, 3)])
def test_the_smallest_pictures_are_written(media_type: MediaType, size: tuple[int, int]) -> None:
    """One pixel is a picture too."""
    for pixels in (picture(*size), with_alpha(picture(*size)), picture(*size)[..., 0]):
        content = bytes(encode(pixels, default_output(media_type)))
        assert opened(content).size == size
        assert decode(content, header_of(media_type, pixels)).shape[:2] == pixels.shape[:2]


def test_gray_stays_gray() -> None:
    """A gray picture is written in one channel where a format has such, and never gets a tint."""
    gray = picture()[..., 1]
    for media_type in FORMATS:
        image = opened(encode(gray, default_output(media_type)))
        seen = np.asarray(image.convert("RGB")).astype(int)
        assert np.abs(seen - seen.mean(axis=2, keepdims=True)).max() <= 2
        if media_type not in {MediaType.WEBP, MediaType.GIF}:
            assert image.mode == "L"


def test_quality_matters() -> None:
    """A lower quality gives a smaller file, where a format has qualities."""
    noisy = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    for media_type in (MediaType.JPEG, MediaType.WEBP, MediaType.AVIF):
        assert encode(noisy, Output(media_type, 30)).nbytes < encode(noisy, Output(media_type, 90)).nbytes
        assert encode(noisy, Output(media_type)) == encode(noisy, default_output(media_type))


@pytest.mark.parametrize("media_type", [MediaType.WEBP, MediaType.AVIF])
@pytest.mark.parametrize("shape", SHAPES)
def test_lossless_loses_nothing(media_type: MediaType, shape: str) -> None:
    """Not even colours that nobody sees."""
    pixels = shaped(shape)
    pixels = np.random.default_rng(1).integers(0, 256, pixels.shape, np.uint8)
    if shape.endswith("alpha"):
        pixels[:20, :, -1] = 0
    content = bytes(encode(pixels, Output(media_type, lossless=True)))
    stored = from_pil(opened(content).convert("RGBA")).astype(int)
    expected = from_pil(to_pil(pixels).convert("RGBA"))
    np.testing.assert_array_equal(stored, expected)


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_background_is_behind_what_is_transparent(media_type: MediaType, shape: str) -> None:
    """In every format: what is written has no alpha any more."""
    pixels = shaped(shape)
    output = Output(media_type, default_output(media_type).quality, background="#204060")
    image = opened(encode(pixels, output)).convert("RGBA")
    seen = from_pil(image)
    assert seen[..., 3].min() == 255
    gray = pixels.ndim == 2 or pixels.shape[2] == 2
    layers = pixels.reshape(40, 60, -1)
    alpha = layers[..., -1:] / 255 if shape.endswith("alpha") else 1
    colors = layers[..., :1] if gray else layers[..., :3]
    expected = colors * alpha + np.array([0x60, 0x40, 0x20]) * (1 - alpha)
    assert psnr(seen[..., :3], expected) > (50 if media_type in LOSSLESS else 28)


def test_a_format_that_cannot_hold_the_size_is_refused() -> None:
    """WebP has 14 bits for a side."""
    with pytest.raises(InvalidInput, match=r"WEBP has at most 16,383 pixels"):
        encode(np.zeros((1, 16_384), np.uint8), default_output(MediaType.WEBP))
    assert encode(np.zeros((1, 16_383), np.uint8), default_output(MediaType.WEBP))


SECRET = b"somewhere in 52.5200 N 13.4050 E"


def secretive(media_type: MediaType) -> bytes:
    """A file with everything that a format can say beside its picture."""
    tags = Image.Exif()
    tags[0x010E] = SECRET.decode()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    options: dict[str, object] = {
        "exif": tags.tobytes(),
        "icc_profile": profiles.P3 + SECRET,
        "xmp": xmp,
        "comment": SECRET,
    }
    if media_type is MediaType.TIFF:
        options = {"tiffinfo": {270: SECRET.decode(), 700: xmp}, "icc_profile": profiles.P3 + SECRET}
    content = written(to_pil(picture()), media_type, lossless=True, **options)
    return content + SECRET


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("target", FORMATS)
def test_nothing_but_pixels_reaches_a_rendition(source: MediaType, target: MediaType) -> None:
    """No EXIF, no profile, no XMP, no comment, and nothing that stood behind the file."""
    content = secretive(source)
    assert SECRET in content
    rendition = bytes(encode(decode(content, header_of(source, picture())), default_output(target)))
    image = Image.open(io.BytesIO(rendition))
    image.load()
    assert SECRET not in rendition
    assert not image.getexif() or target is MediaType.TIFF
    assert not {"exif", "xmp", "icc_profile", "comment", "XML:com.adobe.xmp"} & set(image.info)
    for mark in (
        b"Exif\0",
        b"http://ns.adobe.com",
        b"ICC_PROFILE",
        b"eXIf",
        b"iTXt",
        b"tEXt",
        b"iCCP",
        b"tIME",
    ):
        assert mark not in rendition


def test_what_is_written_is_not_copied() -> None:
    """Large files are handed on as a view: copying them would hold the interpreter."""
    content = encode(picture(), default_output(MediaType.BMP))
    assert isinstance(content, memoryview)
    assert content.contiguous
    assert content.format == "B"
