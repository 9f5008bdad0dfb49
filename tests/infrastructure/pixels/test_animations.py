"""Of an animation, the first frame is seen as it is shown: on its canvas."""

from __future__ import annotations

import struct
from itertools import pairwise

import numpy as np
import pytest

from domain.header import MediaType
from domain.operations.catalogue import Pixels
from infrastructure.gate import inspect
from infrastructure.pixels.codec import decode
from tests.infrastructure.pixels.files import from_pil, opened, picture, to_pil, with_alpha, written
from tests.nasty import png, webp
from tests.nasty.packing import be32, le16, le24

ANIMATED = [MediaType.GIF, MediaType.WEBP, MediaType.PNG, MediaType.AVIF]
FIRST, SECOND = picture(20, 10), picture(20, 10)[::-1].copy()
CANVAS = (40, 30)
LEFT, TOP = 4, 6


def shown(content: bytes) -> Pixels:
    return decode(content, inspect(content))


def by_pillow(content: bytes) -> Pixels:
    return from_pil(opened(content).convert("RGBA"))


@pytest.mark.parametrize("media_type", ANIMATED)
@pytest.mark.parametrize("count", [2, 5])
def test_frames_are_counted_and_the_first_is_seen(media_type: MediaType, count: int) -> None:
    """The gate tells how many there are."""
    others = [np.roll(SECOND, shift, axis=1) for shift in range(count - 1)]
    assert all((one != other).any() for one, other in pairwise(others))
    content = written(to_pil(FIRST), media_type, save_all=True, append_images=list(map(to_pil, others)))
    assert inspect(content).frames == count
    np.testing.assert_allclose(shown(content)[..., :3].astype(int), by_pillow(content)[..., :3], atol=2)


@pytest.mark.parametrize("transparent", [False, True])
def test_a_gif_is_seen_on_its_screen(*, transparent: bool) -> None:
    """Nothing is where the first frame does not reach."""
    options = {"transparency": 3} if transparent else {}
    frames = [to_pil(pixels).quantize(16) for pixels in (FIRST, SECOND)]
    content = bytearray(written(frames[0], MediaType.GIF, save_all=True, append_images=frames[1:], **options))
    content[6:10] = struct.pack("<HH", *CANVAS)
    place = content.index(b"\x2c" + bytes(4) + struct.pack("<HH", 20, 10)) + 1
    content[place : place + 4] = struct.pack("<HH", LEFT, TOP)
    result = shown(bytes(content))
    inside = np.zeros((30, 40), bool)
    inside[TOP : TOP + 10, LEFT : LEFT + 20] = True
    assert not result[~inside, 3].any()
    visible = result[..., 3] > 0
    assert visible[inside].all() != transparent
    np.testing.assert_array_equal(result[visible], by_pillow(bytes(content))[visible])


@pytest.mark.parametrize("alpha", [False, True])
def test_a_webp_is_seen_on_its_canvas(*, alpha: bool) -> None:
    """At the place that the frame has on it, whatever colour the file names as background."""
    pixels = with_alpha(FIRST) if alpha else FIRST
    whole = written(to_pil(pixels), MediaType.WEBP, lossless=True)
    part = whole[whole.index(b"VP8L") :]
    place = le24(LEFT // 2) + le24(TOP // 2) + le24(19) + le24(9) + le24(10) + b"\0"
    frame = webp.chunk(b"ANMF", place + part)
    background = webp.chunk(b"ANIM", bytes([1, 2, 3, 255]) + le16(0))
    content = webp.riff(webp.header(*CANVAS, flags=0x12) + background + 2 * frame)
    assert inspect(content).frames == 2
    result = shown(content)
    assert not result[0, 0].any()
    np.testing.assert_array_equal(result, by_pillow(content))


def test_a_png_may_have_a_picture_for_those_who_cannot_animate() -> None:
    """It is no frame, and the first frame is what is shown (PNG, third edition, 4.9)."""
    header, still, moving = png.header(20, 10), compressed(FIRST), compressed(SECOND)
    frames = [
        png.frame_control(0, 20, 10) + png.chunk(b"fdAT", be32(1) + moving),
        png.frame_control(2, 20, 10) + png.chunk(b"fdAT", be32(3) + still),
    ]
    content = png.SIGNATURE + header + png.chunk(b"acTL", be32(2) + be32(0)) + png.chunk(b"IDAT", still)
    content += b"".join(frames) + png.chunk(b"IEND", b"")
    assert inspect(content).frames == 2
    np.testing.assert_array_equal(shown(content)[..., :3], SECOND)


def compressed(pixels: Pixels) -> bytes:
    content = written(to_pil(pixels), MediaType.PNG)
    at = content.index(b"IDAT")
    return content[at + 4 : at + 4 + int.from_bytes(content[at - 4 : at])]
