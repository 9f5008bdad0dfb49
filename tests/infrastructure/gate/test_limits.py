"""What one file may use is counted over all of it."""

import pytest

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge
from infrastructure.gate.limits import Limits, Tally


@pytest.fixture
def tally() -> Tally:
    return Tally(Limits(pixels=100, side=50, frames=3, total_pixels=200, parts=2, metadata_bytes=10))


def test_a_size_at_the_limit_is_accepted(tally: Tally) -> None:
    """Limits are inclusive."""
    tally.size(2, 50)
    tally.size(10, 10)


@pytest.mark.parametrize("size", [(51, 1), (1, 51), (10, 11)])
def test_a_size_over_the_limit_names_both(tally: Tally, size: tuple[int, int]) -> None:
    """The message gives the size found and the limit."""
    with pytest.raises(ImageTooLarge, match=rf"{size[0]} x {size[1]} .* at most (50|100) "):
        tally.size(*size)


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (0, 0)])
def test_a_picture_without_pixels_is_damaged(tally: Tally, size: tuple[int, int]) -> None:
    """Zero is not a small size but none."""
    with pytest.raises(DamagedFile, match="no pixels"):
        tally.size(*size)


def test_frames_are_counted(tally: Tally) -> None:
    """The fourth frame is one too many."""
    tally.frame(5, 5, count=3)
    with pytest.raises(ImageTooLarge, match=r"4 frames .* at most 3 "):
        tally.frame(5, 5)


def test_the_pixels_of_all_frames_are_counted(tally: Tally) -> None:
    """Frames that are small enough may be too large together."""
    tally.frame(10, 10, count=2)
    with pytest.raises(ImageTooLarge, match=r"201 pixels .* at most 200 "):
        tally.frame(1, 1)


def test_parts_are_counted(tally: Tally) -> None:
    """The third part is one too many."""
    tally.part(2)
    with pytest.raises(ImageTooComplex, match="more than 2 parts"):
        tally.part()


def test_metadata_is_counted(tally: Tally) -> None:
    """The eleventh byte is one too many."""
    tally.metadata(10)
    with pytest.raises(ImageTooComplex, match=r"11 bytes .* at most 10 "):
        tally.metadata(1)


def test_coded_pictures_are_counted(tally: Tally) -> None:
    """Pictures that are decoded and not shown cost time too."""
    tally.decode(10, 10)
    tally.decode(10, 10)
    with pytest.raises(ImageTooComplex, match="more than 200 pixels"):
        tally.decode(1, 1)


def test_bytes_are_not_read_twice(tally: Tally) -> None:
    """Pieces that overlap could have a file read over and over."""
    tally.scan(60, 100)
    with pytest.raises(ImageTooComplex, match="overlap"):
        tally.scan(60, 100)
