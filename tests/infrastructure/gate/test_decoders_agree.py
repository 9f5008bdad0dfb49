"""What the gate says of a size is what OpenCV makes of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import UnacceptableFile
from domain.header import ImageHeader, MediaType
from infrastructure.gate import inspect, inspect_file
from tests.nasty import exif, jpeg, png
from tests.nasty.avif import Tile, box, grid, single
from tests.nasty.case import Case, Want
from tests.nasty.png import animation
from tests.nasty.tiff import SHORT, Entry, file, picture_entries

UNCHANGED, GRAYSCALE, COLOR, REDUCED_COLOR_2, IGNORE_ORIENTATION = -1, 0, 1, 17, 128
AS_STORED = COLOR | IGNORE_ORIENTATION
ROOT = Path(__file__).parents[3]

Size = tuple[int, int]


def decode(paths: list[Path], flags: int = AS_STORED) -> dict[str, Size | None]:
    """Width and height of each file as decoded, None where it was not; in another process."""
    command = [sys.executable, "-m", "tests.infrastructure.gate.decoding", str(flags), *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    sizes = dict(map(json.loads, done.stdout.splitlines()))
    assert done.returncode == 0, f"decoding died after {list(sizes)[-1:]}: {done.stderr[-500:]}"
    return {name: size and (size[0], size[1]) for name, size in sizes.items()}


@pytest.fixture(scope="module")
def accepted(nasty: list[Case], nasty_folder: Path) -> dict[str, tuple[Case, ImageHeader]]:
    headers = {}
    for case in nasty:
        try:
            headers[case.name] = (case, inspect_file(nasty_folder / case.path))
        except UnacceptableFile:
            continue
    return headers


@pytest.fixture(scope="module")
def sizes(accepted: dict[str, tuple[Case, ImageHeader]], nasty_folder: Path) -> dict[str, Size | None]:
    return decode([nasty_folder / case.path for case, _ in accepted.values()])


def test_no_accepted_file_takes_the_decoder_down(
    accepted: dict[str, tuple[Case, ImageHeader]], sizes: dict[str, Size | None]
) -> None:
    """All of them are through within a minute and 4 GiB."""
    assert sizes.keys() == accepted.keys()


def test_every_decoded_picture_has_the_size_of_its_header(
    accepted: dict[str, tuple[Case, ImageHeader]], sizes: dict[str, Size | None]
) -> None:
    """Gate and decoder read the same numbers, even of damaged files."""
    headers = {name: (header.width, header.height) for name, (_, header) in accepted.items()}
    assert {n: (size, headers[n]) for n, size in sizes.items() if size and size != headers[n]} == {}


def test_every_good_picture_is_decoded(
    accepted: dict[str, tuple[Case, ImageHeader]], sizes: dict[str, Size | None]
) -> None:
    """What the gate lets through can be rendered."""
    good = [name for name, (case, _) in accepted.items() if case.want in {Want.ACCEPT, Want.STRIP}]
    assert [name for name in good if sizes[name] is None] == []


def test_pictures_made_by_hand_are_decoded_at_their_size(tile: Tile, tmp_path: Path) -> None:
    """Grids, animations and rotated pictures, which the corpus has only hostile ones of."""
    made = {
        "grid.avif": grid(tile, (160, 120), 2, 2),
        "cut.avif": grid(tile, (160, 120), 2, 2, claim=(240, 200)),
        "turned.avif": single(tile, (160, 120), box(b"irot", b"\1")),
        "moving.png": animation(64, 48, 3),
        "flat.jpg": jpeg.picture(640, 480, blocks=80 * 60),
    }
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    headers = {name: inspect(data) for name, data in made.items()}
    expected = {name: (header.width, header.height) for name, header in headers.items()}
    assert decode([tmp_path / name for name in made]) == expected


@pytest.mark.parametrize("flags", [AS_STORED, GRAYSCALE | IGNORE_ORIENTATION, UNCHANGED])
def test_decoders_leave_pictures_as_they_are_stored(
    base: dict[str, bytes], tile: Tile, tmp_path: Path, flags: int
) -> None:
    """The caller turns them; only TIFF is turned by OpenCV whatever it is told."""
    block = exif.located(orientation=6)
    turned = {
        MediaType.JPEG: jpeg.with_exif(base["rgb.jpg"], block),
        MediaType.PNG: png.with_chunks(base["rgb.png"], png.chunk(b"eXIf", block)),
        MediaType.AVIF: single(tile, (160, 120), box(b"irot", b"\3")),
        MediaType.TIFF: turned_tiff(),
    }
    for kind, data in turned.items():
        assert inspect(data).orientation == 6
        (tmp_path / kind.name).write_bytes(data)
    sizes = decode([tmp_path / kind.name for kind in turned], flags)
    upright = {"JPEG": (160, 120), "PNG": (160, 120), "AVIF": (160, 120)}
    assert sizes == upright | {"TIFF": (120, 160)}


def turned_tiff() -> bytes:
    entries = picture_entries(160, 120, samples=1, count=160 * 120)
    return file([*entries, Entry(274, SHORT, 1, 6)], bytes(160 * 120))
