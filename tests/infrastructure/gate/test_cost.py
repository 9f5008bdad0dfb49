"""What a look at a file costs, counted and not timed."""

import re
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from domain.errors import UnacceptableFile
from infrastructure.gate import inspect, jpeg
from tests.nasty import png
from tests.nasty.case import Case
from tests.nasty.jpeg import EOI, ONE_BIT_CODES, frame, scan
from tests.nasty.packing import be32

PHOTO_START = b"\xff\xd8" + frame(0xC0, 1600, 1200, 1) + ONE_BIT_CODES + scan(1, 0, 63)


def photo(size: int) -> bytes:
    """A JPEG with this many bytes of picture data, one in a hundred of them stuffed."""
    return PHOTO_START + (b"\xff\0" + bytes(198)) * (size // 200) + EOI


@contextmanager
def counted_calls() -> Iterator[list[str]]:
    """The names of all Python functions called meanwhile."""
    calls: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def calls_for(data: bytes) -> int:
    with counted_calls() as calls:
        inspect(data)
    return len(calls)


def test_a_photo_costs_by_its_segments_not_by_its_bytes() -> None:
    """Ten times the picture data is no more Python than before."""
    assert calls_for(photo(500_000)) < 150
    assert calls_for(photo(5_000_000)) == calls_for(photo(500_000))


def test_picture_data_is_searched_window_by_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call holds the interpreter for more than 256 KiB, and none is in vain."""
    spans: list[tuple[int, int]] = []

    class Recorder:
        def search(self, data: bytes, start: int, end: int) -> re.Match[bytes] | None:
            spans.append((start, end))
            return pattern.search(data, start, end)

    pattern = jpeg.NEXT_MARKER
    monkeypatch.setattr(jpeg, "NEXT_MARKER", Recorder())
    data = photo(1_000_000)
    inspect(data)
    assert max(end - start for start, end in spans) <= 256 * 1024 + 1
    assert sum(end - start for start, end in spans) <= len(data) + len(spans)


def test_a_large_png_is_not_read() -> None:
    """Twenty megabytes in one chunk are skipped at once."""
    data = png.picture(16, 16, data=bytes(20_000_000))
    assert calls_for(data) < 100


def test_a_claim_takes_no_memory(nasty: list[Case]) -> None:
    """Nothing is allocated by a number from the file, whatever it claims."""
    hungry = {case.path: peak for case in nasty if (peak := peak_of(case)) > len(case.data) + (1 << 20)}
    assert hungry == {}


def peak_of(case: Case) -> int:
    """Bytes allocated at the most while the gate looks at the file."""
    tracemalloc.start()
    try:
        inspect(case.data)
    except UnacceptableFile:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak


@pytest.mark.parametrize("kind", [b"tEXt", b"IDAT", b"acTL"])
def test_a_length_of_two_gigabytes_takes_none(kind: bytes) -> None:
    """The length is compared with what is there, not allocated."""
    data = png.with_chunks(png.picture(16, 16), be32(0x7FFFFFF0) + kind)
    tracemalloc.start()
    with pytest.raises(UnacceptableFile):
        inspect(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000
