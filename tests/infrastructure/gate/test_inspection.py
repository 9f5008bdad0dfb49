"""Which container is it, and what of files that are none?"""

import mmap
from pathlib import Path

import pytest

from domain.errors import FileEmpty, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import Limits, inspect, inspect_file
from tests.infrastructure.gate.refusal import refusal

TYPES = {
    "rgb.jpg": MediaType.JPEG,
    "rgb.png": MediaType.PNG,
    "lossy.webp": MediaType.WEBP,
    "rgb.avif": MediaType.AVIF,
    "still.gif": MediaType.GIF,
    "raw.tif": MediaType.TIFF,
    "rgb.bmp": MediaType.BMP,
}


@pytest.mark.parametrize("name", TYPES)
def test_every_type_on_the_allow_list_has_a_header(base: dict[str, bytes], name: str) -> None:
    """Type and size come out, whatever the file is called."""
    assert inspect(base[name]) == ImageHeader(TYPES[name], 160, 120)


@pytest.mark.parametrize("name", ["rgb.jp2", "rgb.j2k", "rgb.ppm", "rgba.pam", "flat.hdr", "tiny.exr"])
def test_other_types_are_refused_by_name_of_those_accepted(base: dict[str, bytes], name: str) -> None:
    """The message says what would be right."""
    message = refusal(base[name], UnsupportedType)
    assert all(kind in message for kind in ("JPEG", "PNG", "WebP", "AVIF", "GIF", "TIFF", "BMP"))


@pytest.mark.parametrize("data", [b"\x89", b"B", b"RIFF", b"RIFF\0\0\0\0WAVE", b"GIF88a", b"\xff\xd8"])
def test_the_start_of_a_magic_number_is_none(data: bytes) -> None:
    """A few right bytes do not make a type."""
    refusal(data, UnsupportedType)


def test_nothing_is_refused_as_nothing() -> None:
    """An empty buffer has a refusal of its own."""
    refusal(b"", FileEmpty)


def test_an_empty_file_is_refused_before_it_is_mapped(tmp_path: Path) -> None:
    """An empty file cannot be mapped, and must not raise for it."""
    path = tmp_path / "empty.png"
    path.touch()
    with pytest.raises(FileEmpty):
        inspect_file(path)


def test_a_file_is_inspected_in_place(base: dict[str, bytes], tmp_path: Path) -> None:
    """A path gives the same header as its bytes."""
    path = tmp_path / "anything"
    path.write_bytes(base["anim.gif"])
    assert inspect_file(path) == inspect(base["anim.gif"])


def test_a_map_can_be_closed_after_a_refusal(tmp_path: Path) -> None:
    """No view of the file survives in the traceback."""
    path = tmp_path / "cut.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0\0\x10")
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        with pytest.raises(Exception, match="cut short") as caught:
            inspect(data)
        data.close()
    assert caught.traceback


def test_limits_are_those_documented() -> None:
    """The defaults are part of what users are told."""
    assert Limits() == Limits(50_000_000, 32_768, 500, 400_000_000, 100, 20_000, 4_194_304)
