"""HEIC: the same boxes as AVIF around HEVC, accepted where the server can decode it."""

import io
import random
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge, UnacceptableFile, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import Limits, heic, inspect
from infrastructure.gate.hevc import sizes_of
from tests.infrastructure.gate.refusal import refusal
from tests.nasty.avif import box, file_type, spatial_extents
from tests.nasty.packing import be32

SIZE = (128, 64)


def made(size: tuple[int, int] = SIZE, **options: Any) -> bytes:  # noqa: ANN401
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(file, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def plain() -> bytes:
    return made()


def test_an_ordinary_one_is_accepted(plain: bytes) -> None:
    """With the size that is shown."""
    assert inspect(plain) == ImageHeader(MediaType.HEIC, *SIZE)
    assert inspect(made((61, 43))) == ImageHeader(MediaType.HEIC, 61, 43)


def test_without_the_extra_it_is_refused(plain: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """And whoever runs the server learns what is missing."""
    monkeypatch.setattr(heic, "find_spec", lambda _: None)
    assert "HEIC needs the extra darkroom[heic]" in refusal(plain, UnsupportedType)


def test_the_size_said_must_be_the_size_coded(plain: bytes) -> None:
    """Or a small one would be announced and a large one decoded."""
    lying = plain.replace(spatial_extents(*SIZE), spatial_extents(64, 64))
    assert "the picture itself is 128 x 64" in refusal(lying, DamagedFile)


def test_limits_hold(plain: bytes) -> None:
    """As for every format."""
    refusal(plain, ImageTooLarge, Limits(pixels=128 * 64 - 1))
    refusal(plain, ImageTooLarge, Limits(side=127))
    refusal(plain, ImageTooComplex, Limits(metadata_bytes=100))
    assert inspect(plain, Limits(pixels=128 * 64, side=128)).width == 128


def test_no_parameters_stand_among_the_data(plain: bytes) -> None:
    """They could give a picture another size than the box says."""
    at = plain.index(b"mdat") + 4
    size = int.from_bytes(plain[at : at + 4])
    changed = bytearray(plain)
    assert 0 < size < len(plain)
    changed[at + 4] = 33 << 1
    refusal(bytes(changed), DamagedFile)


def test_video_and_two_headers_are_refused(plain: bytes) -> None:
    """Decoders may choose either."""
    refusal(plain + box(b"moov", b""), UnsupportedType)
    refusal(plain + box(b"meta", be32(0)), UnsupportedType)


def test_what_is_cut_is_cut_to_less() -> None:
    """A clean aperture lies in the picture."""
    content = made((60, 40))
    aperture = content.index(b"clap") + 4
    assert int.from_bytes(content[aperture : aperture + 4]) == 60
    for width in (0, 65, 1 << 31):
        refusal(content[:aperture] + be32(width) + content[aperture + 4 :], DamagedFile)


def test_a_video_of_another_brand_is_refused() -> None:
    """A film is no picture."""
    assert "video" in refusal(file_type(major=b"isom", compatible=b"mp42"), UnsupportedType)


def exponential(number: int) -> str:
    """ue(v): as many zeros as the number, one more, has bits after its first (H.265, 9.2)."""
    bits = f"{number + 1:b}"
    return "0" * (len(bits) - 1) + bits


@pytest.mark.parametrize("chroma", [0, 1, 2, 3])
@pytest.mark.parametrize("sub_layers", [0, 2])
def test_what_is_cropped_from_a_picture_is_not_shown(sub_layers: int, chroma: int) -> None:
    """By hand: 1920 x 1088 samples, of which some on the right and below are cut off."""
    levels = "1" * 96 + ("11" * 2 + "00" * 6 + "1" * 192 if sub_layers else "")
    bits = f"0000{sub_layers:03b}1{levels}" + exponential(0) + exponential(chroma)
    bits += "0" if chroma == 3 else ""
    bits += exponential(1920) + exponential(1088) + "1" + "".join(map(exponential, (0, 3, 0, 4)))
    payload = int(bits.ljust(-(-len(bits) // 8) * 8, "1"), 2).to_bytes(-(-len(bits) // 8))
    across, down = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}[chroma]
    assert sizes_of(payload) == ((1920, 1088), (1920 - 3 * across, 1088 - 4 * down))


def test_bytes_against_false_starts_are_left_out() -> None:
    """As a coder wrote them, for 3840 x 2160 pixels."""
    payload = bytes.fromhex("01016000000300900000030000030096a001e020021c4d88")
    assert sizes_of(payload) == ((3840, 2160), (3840, 2160))


def test_garbage_is_refused_and_never_an_error(plain: bytes) -> None:
    """Cut anywhere, and with any bytes changed."""
    chance = random.Random(1)
    for length in range(0, len(plain), 7):
        with pytest.raises(UnacceptableFile):
            inspect(plain[:length])
    head = plain.index(b"mdat") + 40
    for _ in range(1500):
        changed = bytearray(plain)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(head)] = chance.choice((0, 1, 0x7F, 0xFF, chance.getrandbits(8)))
        try:
            inspect(bytes(changed))
        except UnacceptableFile:
            continue
